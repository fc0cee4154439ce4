"""Compares outputs and gradients of a model file of ours with PyTorch's, same weights and windows.

Usage: autoencoder_reference.py FILE, written by `model-benchmark autoencoder --reference FILE`.
Differences are the largest absolute ones; those of gradients are also given as a share of the largest
derivative of the same tensor. Short windows are cut by their mask. Ends with 1 where an output is off
by 1e-5 or more, or a derivative by 1e-4 of its tensor's largest or more.
"""

import sys

import numpy as np
import torch
from safetensors.numpy import load_file

from autoencoder_model import Autoencoder

tensors = load_file(sys.argv[1])
model = Autoencoder.from_tensors(tensors)
means, scales = tensors["autoencoder.means"], tensors["autoencoder.scales"]
mask = torch.from_numpy(tensors["test.mask"])
windows = torch.from_numpy(((tensors["test.windows"] - means) / scales).astype(np.float32))
# Anything may stand behind a window's end.
windows = torch.where(mask > 0, windows, torch.full_like(windows, 7.0))
lengths = mask[:, :, 0].sum(1).long()

outputs = model(windows, lengths)
loss = (((outputs - windows) ** 2) * mask).sum() / mask.sum()
loss.backward()

ours = (tensors["test.reconstructions"] - means) / scales
difference = np.abs(ours - outputs.detach().numpy())[tensors["test.mask"] > 0].max()
print(f"PyTorch {torch.__version__}, {len(windows)} windows of {lengths.min()} to {lengths.max()} steps")
print(f"outputs   largest difference {difference:.1e}")
print(f"loss      {float(tensors['test.loss'][0]):.8f} and {loss.item():.8f}")
worst = 0.0
for name, parameter in model.named_counterparts():
    theirs = parameter.grad.numpy()
    absolute = np.abs(tensors["gradient." + name] - theirs).max()
    relative = absolute / np.abs(theirs).max()
    worst = max(worst, relative)
    print(f"gradient  {name:33} largest difference {absolute:.1e}, {relative:.1e} of the largest")
sys.exit(0 if difference < 1e-5 and worst < 1e-4 else 1)
