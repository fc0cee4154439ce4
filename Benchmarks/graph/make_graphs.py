#!/usr/bin/env python3
"""Writes the benchmark's graphs into a folder, each as CSV and as pairs of 32-bit integers.

    make_graphs.py FOLDER [NAME ...]

Power-law graphs by Chung and Lu's model with exponent 2.3 and without parallel edges or loops, nodes
shuffled, each edge in a random direction; and a king's grid, where a node has eight neighbours. Seeded:
the same files each time. Beside each graph lie 256 of its nodes, the sources of sampled searches.
"""

import pathlib
import sys

import numpy as np

SOURCE_COUNT = 256


def power_law(node_count, edge_count, exponent=2.3, seed=1):
    generator = np.random.default_rng(seed)
    shares = np.cumsum(np.arange(1, node_count + 1) ** (-1.0 / (exponent - 1)))
    shares /= shares[-1]
    names = generator.permutation(node_count)
    pairs = np.zeros(0, dtype=np.int64)
    while len(pairs) < edge_count:
        missing = int((edge_count - len(pairs)) * 1.3) + 1000
        first = np.searchsorted(shares, generator.random(missing))
        second = np.searchsorted(shares, generator.random(missing))
        low, high = np.minimum(first, second), np.maximum(first, second)
        pairs = np.unique(np.concatenate([pairs, (low * np.int64(node_count) + high)[low != high]]))
    pairs = generator.permutation(pairs)[:edge_count]
    first, second = names[pairs // node_count], names[pairs % node_count]
    is_forward = generator.random(edge_count) < 0.5
    return np.where(is_forward, first, second), np.where(is_forward, second, first)


def king(side):
    node = np.arange(side * side).reshape(side, side)
    steps = [
        (node[:, :-1], node[:, 1:]),
        (node[:-1], node[1:]),
        (node[:-1, :-1], node[1:, 1:]),
        (node[:-1, 1:], node[1:, :-1]),
    ]
    return np.concatenate([a.ravel() for a, _ in steps]), np.concatenate([b.ravel() for _, b in steps])


GRAPHS = {
    "powerlaw-10k": (10_000, lambda: power_law(10_000, 30_000)),
    "powerlaw-100k": (100_000, lambda: power_law(100_000, 500_000)),
    "grid-250k": (250_000, lambda: king(500)),
    "powerlaw-1m": (1_000_000, lambda: power_law(1_000_000, 5_000_000)),
}


def make(folder, name):
    node_count, edges = GRAPHS[name]
    base = pathlib.Path(folder) / name
    if not base.with_suffix(".sources").exists():
        source, target = edges()
        rows = np.stack([source, target], 1)
        rows.astype("<i4").tofile(base.with_suffix(".bin"))
        with open(base.with_suffix(".csv"), "w") as file:
            file.write("source,target\n")
            np.savetxt(file, rows, fmt="%d", delimiter=",")
        # NetworKit's and igraph's readers take no header, and igraph only spaces.
        with open(base.with_suffix(".txt"), "w") as file:
            np.savetxt(file, rows, fmt="%d", delimiter=" ")
        ends = np.unique(rows)
        sources = np.random.default_rng(7).choice(ends, size=min(SOURCE_COUNT, len(ends)), replace=False)
        sources.astype("<i4").tofile(base.with_suffix(".sources"))
    return node_count


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    for graph in sys.argv[2:] or GRAPHS:
        make(sys.argv[1], graph)
