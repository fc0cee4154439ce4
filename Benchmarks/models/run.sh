#!/bin/sh
# Compares the models with their peers in Python: makes a virtual environment beside this script,
# writes a model file with the Swift code, reads it back with safetensors, and prints scikit-learn's
# ranking quality where VIGIL_DATA names the folder of the public tables.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$here/.build-venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv "$here/.build-venv"
    "$python" -m pip install --quiet -r "$here/requirements.txt"
fi
archive=$(mktemp -t vigil-forest.XXXXXX)
trap 'rm -f "$archive"' EXIT
cd "$root"
VIGIL_ARCHIVE=$archive swift test --filter ArchiveForPython
"$python" "$here/read_archive.py" "$archive"
if [ -n "${VIGIL_DATA:-}" ]; then
    swift test --filter PublicTableTests
    "$python" "$here/forest_reference.py" "$VIGIL_DATA"
fi
VIGIL_BENCHMARK=1 swift test -c release -Xswiftc -enable-testing --filter ModelTimings
