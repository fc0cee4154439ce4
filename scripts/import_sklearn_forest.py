#!/usr/bin/env python3
"""Writes a scikit-learn IsolationForest as a model file that Vigil reads (models/README.md).

    import_sklearn_forest.py FOREST.joblib FOREST.safetensors

Needs numpy, safetensors, and the scikit-learn that wrote the file (joblib files run code: open your own
only). From Python: write_forest(forest, path).

The decisions are the same for every double. scikit-learn rounds a value to float32 and sends it left
where it is at most the threshold; Vigil compares doubles and sends left what is below the threshold. So
each threshold becomes the smallest double that rounds to a float32 above it. Missing values go where
scikit-learn sends them. Trees on some of the columns (max_features) compare those; with bootstrap a row
drawn twice counts twice, as it does there. Leaves keep scikit-learn's own lengths, with its estimate of
the harmonic number, as does the average path length that makes a score of one half.
"""

import json
import sys
import time

import numpy as np
from safetensors.numpy import save_file
from sklearn.ensemble._iforest import _average_path_length


def first_double_right(threshold):
    """The smallest double that, rounded to float32, is larger than each threshold."""
    threshold = np.asarray(threshold, dtype=np.float64)
    below = threshold.astype(np.float32)
    # The conversion rounds to nearest; this is the largest float32 that goes left.
    below = np.where(below.astype(np.float64) > threshold, np.nextafter(below, np.float32(-np.inf)), below)
    above = np.nextafter(below, np.float32(np.inf))
    middle = below.astype(np.float64) + (above.astype(np.float64) - below.astype(np.float64)) / 2
    # A tie goes to the even one: right where that is the upper.
    lower_is_even = below.view(np.uint32) & 1 == 0
    return np.where(lower_is_even, np.nextafter(middle, np.inf), middle)


def forest_tensors(forest):
    """The tensors of models/README.md for a fitted forest."""
    offsets, feature, threshold, first_child, missing_right, cover, length = [0], [], [], [], [], [], []
    for estimator, columns in zip(forest.estimators_, forest.estimators_features_):
        tree = estimator.tree_
        covers = tree.n_node_samples
        if not np.array_equal(covers, np.round(tree.weighted_n_node_samples)):
            # Rows drawn more than once, or rows that count more than others.
            covers = np.round(tree.weighted_n_node_samples).astype(np.int64)
            inner = tree.children_left >= 0
            children = covers[tree.children_left[inner]] + covers[tree.children_right[inner]]
            if not np.allclose(covers, tree.weighted_n_node_samples) or not np.array_equal(children, covers[inner]):
                raise ValueError("a forest fitted with fractional sample weights cannot be imported")
        own_lengths = _average_path_length(tree.n_node_samples)
        own_threshold = first_double_right(tree.threshold)
        goes_left = getattr(tree, "missing_go_to_left", np.ones(tree.node_count, np.uint8))
        # Breadth-first, so that children are neighbours and come after their parent.
        start, queue = offsets[-1], [(0, 0)]
        for node, depth in queue:
            left, right = tree.children_left[node], tree.children_right[node]
            cover.append(covers[node])
            if left < 0:
                feature.append(-1)
                threshold.append(0.0)
                first_child.append(-1)
                missing_right.append(0)
                length.append(depth + own_lengths[node])
                continue
            feature.append(columns[tree.feature[node]])
            threshold.append(own_threshold[node])
            first_child.append(start + len(queue))
            missing_right.append(0 if goes_left[node] else 1)
            length.append(0.0)
            queue += [(left, depth + 1), (right, depth + 1)]
        offsets.append(start + len(queue))
    if not np.all(np.isfinite(threshold)):
        raise ValueError("a threshold lies beyond the largest float32")
    tensors = {
        "forest.tree_offsets": np.array(offsets, np.int32),
        "forest.feature": np.array(feature, np.int32),
        "forest.threshold": np.array(threshold, np.float64),
        "forest.first_child": np.array(first_child, np.int32),
        "forest.missing_goes_right": np.array(missing_right, np.uint8),
        "forest.cover": np.array(cover, np.int32),
        "forest.leaf_path_length": np.array(length, np.float64),
        "forest.column_count": np.array([forest.n_features_in_], np.int64),
        "forest.sample_count": np.array([forest._max_samples], np.int64),
    }
    average = np.asarray(_average_path_length([forest._max_samples]), np.float64)
    if average[0] > 0:
        tensors["forest.average_path_length"] = average
    return tensors


def write_forest(forest, path):
    """Writes the model file, with what is known about the forest on its card."""
    options = forest.get_params()
    seed = options["random_state"]
    card = {
        "kind": "table",
        "method": "isolation_forest",
        "version": "imported",
        "schema": "scikit-learn",
        "features": list(map(str, getattr(forest, "feature_names_in_", []))),
        "created_at": time.time(),
        "seed": seed if isinstance(seed, int) else 0,
        "parameters": {key: float(value) for key, value in options.items() if isinstance(value, (int, float)) and key != "random_state"},
        # scikit-learn keeps none of these.
        "training_row_count": 0,
        "training_rows_by_type": {},
        "contamination_row_count": 0,
        "fingerprint": "",
        "calibrations": [],
        "measures": {},
    }
    save_file(forest_tensors(forest), path, metadata={"card": json.dumps(card, sort_keys=True)})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    import joblib

    write_forest(joblib.load(sys.argv[1]), sys.argv[2])
