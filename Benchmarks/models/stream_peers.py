"""The edge-stream detectors beside each other, on one thread, with the ratio to MIDAS-R.

Usage: stream_peers.py MODEL_BENCHMARK [GRAPH_SET_FOLDER] [--runs N] [--records N]

PyPI has no implementation of MIDAS, so the peers are our own, written from the papers. `edges/s` is by
the clock, `edges/CPU s` by the process's own time, which other work on the machine disturbs less.
"""

import json
import subprocess
import sys

run = subprocess.run(
    [sys.argv[1], "edge-stream", *sys.argv[2:]], check=True, capture_output=True, text=True
)
rows = [json.loads(line) for line in run.stdout.splitlines()]
print("| stream | detector | million edges/s | million edges/CPU s | x MIDAS-R | MB |")
print("|---|---|---|---|---|---|")
for row in rows:
    peer = next(
        other
        for other in rows
        if other["stream"] == row["stream"] and other["detector"] == "midas-r"
    )
    rate = row["edges_per_processor_second"]
    print(
        f"| {row['stream']} | {row['detector']} | {row['edges_per_second'] / 1e6:.1f} "
        f"| {rate / 1e6:.1f} | {rate / peer['edges_per_processor_second']:.2f} "
        f"| {row['memory_bytes'] / 1e6:.1f} |"
    )
