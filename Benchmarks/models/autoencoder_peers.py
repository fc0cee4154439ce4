"""Times the LSTM autoencoder beside onnxruntime (inference) and PyTorch (training), same run.

Usage: autoencoder_peers.py MODEL_BENCHMARK [ROUNDS], the path of the built `model-benchmark`.
Every figure is the fastest run of all rounds; ours and the peers' take turns, with 1 and 2 threads.
Peers see the same network, 50 x 15, 32-bit; a training step is both passes, the gradient clipped to
norm 1, and Adam, on 32 windows.
"""

import io
import json
import subprocess
import sys
import time
import warnings

import numpy as np
import onnxruntime
import torch

from autoencoder_model import Autoencoder

warnings.filterwarnings("ignore")
SECONDS = 1.5


def fastest(body):
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        body()
        best = min(best, time.perf_counter() - start)
    return best


def exported():
    file = io.BytesIO()
    torch.onnx.export(
        Autoencoder().eval(), (torch.randn(1, 50, 15),), file, dynamo=False, input_names=["x"],
        output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    return file.getvalue()


def time_onnxruntime(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    one = np.random.randn(1, 50, 15).astype(np.float32)
    hundred = np.random.randn(100, 50, 15).astype(np.float32)
    return {
        "one window": fastest(lambda: session.run(None, {"x": one})) * 1e6,
        "100 windows": fastest(lambda: session.run(None, {"x": hundred})) * 1e3,
    }


def time_pytorch(threads):
    torch.set_num_threads(threads)
    model = Autoencoder()
    optimizer = torch.optim.Adam(model.parameters(), weight_decay=1e-6)
    windows = torch.randn(32, 50, 15)

    def step():
        optimizer.zero_grad()
        ((model(windows) - windows) ** 2).mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return {"training": 32 / fastest(step)}


def time_ours(program, threads):
    output = subprocess.run(
        [program, "autoencoder", "--threads", str(threads), "--seconds", str(SECONDS)], check=True,
        capture_output=True, text=True).stdout
    return {line["name"]: line["value"] for line in map(json.loads, output.splitlines())}


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    model = exported()
    ours, peers = {}, {}
    for _ in range(rounds):
        for threads in (1, 2):
            for table, values in (
                (ours, time_ours(program, threads)),
                (peers, time_onnxruntime(model, threads)),
                (peers, time_pytorch(threads)),
            ):
                for name, value in values.items():
                    better = max if name == "training" else min
                    key = (name, threads)
                    table[key] = better(table.get(key, value), value)
    print(f"onnxruntime {onnxruntime.__version__}, PyTorch {torch.__version__}")
    print(f"{'':12} {'threads':>7} {'ours':>10} {'peer':>10} {'ratio':>6}  peer")
    for (name, threads), peer in sorted(peers.items()):
        own = ours[(name, threads)]
        ratio = own / peer if name == "training" else peer / own
        unit, kind = {
            "one window": ("us", "onnxruntime"), "100 windows": ("ms", "onnxruntime"),
            "training": ("windows/s", "PyTorch"),
        }[name]
        print(f"{name:12} {threads:7} {own:10.1f} {peer:10.1f} {ratio:6.2f}  {kind}, {unit}")
    print(f"memory of the loaded model: {ours[('memory', 1)]:.0f} bytes")


if __name__ == "__main__":
    main()
