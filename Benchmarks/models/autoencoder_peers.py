"""The LSTM autoencoder beside PyTorch (same weights, training) and onnxruntime (inference), same run.

Usage: autoencoder_peers.py MODEL_BENCHMARK [--rounds N], the path of the built `model-benchmark`.
First the outputs and gradients of one model are compared (autoencoder_reference.py). Then ours and
the peers take turns for N rounds, with 1 and 2 threads. A figure is the fastest run of all rounds, by
the wall clock and by the processor's (summed over threads), which other work on the machine disturbs
less; the latter is shown for one thread. All see the same network, 50 x 15, 32-bit; a training step is
both passes, the gradient clipped to norm 1, and Adam, on 32 windows. Ours is timed from 64-bit input,
standardized on the way, to errors; onnxruntime from standardized 32-bit input to outputs.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from autoencoder_model import Autoencoder

warnings.filterwarnings("ignore")
SECONDS = 1.5


def fastest(body):
    wall = processor = float("inf")
    last = time.perf_counter(), time.process_time()
    end = last[0] + SECONDS
    while last[0] < end:
        body()
        now = time.perf_counter(), time.process_time()
        wall, processor = min(wall, now[0] - last[0]), min(processor, now[1] - last[1])
        last = now
    return wall, processor


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
        "one window": fastest(lambda: session.run(None, {"x": one})),
        "100 windows": fastest(lambda: session.run(None, {"x": hundred})),
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

    return {"training": fastest(step)}


def time_ours(program, threads):
    output = subprocess.run(
        [program, "autoencoder", "--threads", str(threads), "--seconds", str(SECONDS)], check=True,
        capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    times = {
        line["task"]: (line["seconds"], line["processor_seconds"])
        for line in lines if "seconds" in line}
    return times, next(line["bytes"] for line in lines if "bytes" in line)


def compare(program):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "autoencoder.safetensors"
        subprocess.run([program, "autoencoder", "--reference", path], check=True)
        script = Path(__file__).with_name("autoencoder_reference.py")
        return subprocess.run([sys.executable, script, path]).returncode


def shown(task, seconds):
    if task == "training":
        return f"{32 / seconds:8.0f} /s"
    return f"{seconds * 1e6:8.1f} us" if task == "one window" else f"{seconds * 1e3:8.2f} ms"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    status = compare(arguments.program)
    model = exported()
    ours, peers = {}, {}
    for _ in range(arguments.rounds):
        for threads in (1, 2):
            own, memory = time_ours(arguments.program, threads)
            for table, values in (
                (ours, own), (peers, time_onnxruntime(model, threads)),
                (peers, time_pytorch(threads)),
            ):
                for task, times in values.items():
                    best = table.get((task, threads), (float("inf"),) * 2)
                    table[(task, threads)] = tuple(map(min, best, times))
    print(f"onnxruntime {onnxruntime.__version__}, PyTorch {torch.__version__}")
    print(f"{'task':12} threads {'clock':>9} {'ours':>11} {'peer':>11} {'ratio':>6}  peer")
    for (task, threads), theirs in sorted(peers.items()):
        peer = "PyTorch" if task == "training" else "onnxruntime"
        for index, clock in enumerate(("wall", "processor") if threads == 1 else ("wall",)):
            own = ours[(task, threads)][index]
            print(
                f"{task:12} {threads:7} {clock:>9} {shown(task, own)} "
                f"{shown(task, theirs[index])} {theirs[index] / own:6.2f}  {peer}")
    print(f"memory of the loaded model: {memory} bytes")
    return status


if __name__ == "__main__":
    sys.exit(main())
