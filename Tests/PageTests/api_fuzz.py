"""schemathesis against the REST API of a running demo: api_fuzz.py EXAMPLES SEED.

The token is an administrator's, so every operation is reached. Ends with schemathesis' status.
"""

import pathlib
import subprocess
import sys

from page_test import Desk

if __name__ == "__main__":
    examples, seed = sys.argv[1:3]
    desk = Desk()
    try:
        program = pathlib.Path(sys.executable).parent / "schemathesis"
        status = subprocess.run(
            [program, "run", desk.address + "/openapi.json", "-H", "Authorization: Bearer " + desk.token,
             "--max-examples", examples, "--seed", seed, "--request-timeout", "15", "--no-color"],
            check=False).returncode
    finally:
        desk.stop()
    sys.exit(status)
