"""Reads a model file with the safetensors package and scores its rows again.

The file comes from the test "Archive for other readers". Shows that other software can read it, that
the numbers in it are the whole model, and that the Shapley values are those of an independent
implementation (Lundberg's recursion, written out here).
"""

import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file


def average_path_length(count):
    if count < 2:
        return 0.0
    return 2 * sum(1 / i for i in range(1, count)) - 2 * (count - 1) / count


class Forest:
    def __init__(self, tensors):
        for name, values in tensors.items():
            if name.startswith("forest."):
                setattr(self, name.removeprefix("forest."), values)
        self.tree_count = len(self.tree_offsets) - 1

    def goes_right(self, row, node):
        value = row[self.feature[node]]
        if np.isnan(value):
            return bool(self.missing_goes_right[node])
        return bool(value >= self.threshold[node])

    def path_length(self, row):
        total = 0.0
        for root in self.tree_offsets[:-1]:
            node = int(root)
            while self.feature[node] >= 0:
                node = int(self.first_child[node]) + self.goes_right(row, node)
            total += self.leaf_path_length[node]
        return total / self.tree_count

    def score(self, row):
        average = average_path_length(int(self.sample_count[0]))
        return 2.0 ** (-self.path_length(row) / average)

    def shapley_values(self, row):
        phi = np.zeros(int(self.column_count[0]))
        for root in self.tree_offsets[:-1]:
            self.descend(row, phi, int(root), [], 1.0, 1.0, -1)
        return phi / self.tree_count

    def descend(self, row, phi, node, path, zero, one, feature):
        path = extended(path, zero, one, feature)
        if self.feature[node] < 0:
            for position in range(1, len(path)):
                weight = sum(entry[3] for entry in unwound(path, position))
                _, z, o, _ = path[position]
                phi[path[position][0]] += weight * (o - z) * self.leaf_path_length[node]
            return
        left = int(self.first_child[node])
        hot = left + self.goes_right(row, node)
        zero, one = 1.0, 1.0
        split = int(self.feature[node])
        for position in range(1, len(path)):
            if path[position][0] == split:
                _, zero, one, _ = path[position]
                path = unwound(path, position)
                break
        for child in (left, left + 1):
            share = float(self.cover[child]) / float(self.cover[node])
            self.descend(
                row, phi, child, path, zero * share, one if child == hot else 0.0, split)


def extended(path, zero, one, feature):
    path = [list(entry) for entry in path]
    length = len(path)
    path.append([feature, zero, one, 1.0 if length == 0 else 0.0])
    for i in range(length - 1, -1, -1):
        path[i + 1][3] += one * path[i][3] * (i + 1) / (length + 1)
        path[i][3] = zero * path[i][3] * (length - i) / (length + 1)
    return path


def unwound(path, position):
    path = [list(entry) for entry in path]
    length = len(path) - 1
    _, zero, one, _ = path[position]
    following = path[length][3]
    for i in range(length - 1, -1, -1):
        if one != 0:
            kept = path[i][3]
            path[i][3] = following * (length + 1) / ((i + 1) * one)
            following = kept - path[i][3] * zero * (length - i) / (length + 1)
        else:
            path[i][3] = path[i][3] * (length + 1) / (zero * (length - i))
    for i in range(position, length):
        path[i][:3] = path[i + 1][:3]
    return path[:-1]


def main():
    tensors = load_file(sys.argv[1])
    with safe_open(sys.argv[1], framework="numpy") as file:
        card = json.loads(file.metadata()["card"])
    for name in sorted(tensors):
        print(f"{name:28} {tensors[name].dtype!s:8} {tensors[name].shape}")
    print("card", card)
    forest = Forest(tensors)
    rows = tensors["test.rows"]
    scores = np.array([forest.score(row) for row in rows])
    score_error = np.abs(scores - tensors["test.scores"]).max()
    explained = tensors["test.contributions"]
    values = np.array([forest.shapley_values(row) for row in rows[:10]])
    value_error = np.abs(values - explained[:10]).max()
    print(f"largest difference of {len(rows)} scores: {score_error:.1e}")
    print(f"largest difference of {values.size} Shapley values: {value_error:.1e}")
    return 0 if score_error < 1e-12 and value_error < 1e-9 else 1


if __name__ == "__main__":
    sys.exit(main())
