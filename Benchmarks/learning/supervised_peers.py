"""Learns the same rows in the same folds as `vigil evaluate supervised --rows` by scikit-learn's boosted trees.

    supervised_peers.py ROWS.csv [TREES DEPTH RATE]
"""
import sys
import time

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

with open(sys.argv[1]) as file:
    names = file.readline().strip().replace('"', "").split(",")
table = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1)
trees, depth, rate = (float(x) for x in (sys.argv[2:5] or (100, 3, 0.1)))
rows, folds, labels = table[:, :-2], table[:, -2].astype(int), table[:, -1].astype(int)
# The binning of the histograms fails on a column that a fold knows nothing of.
rows = rows[:, [len(np.unique(column[~np.isnan(column)])) > 10 for column in rows.T]
            | np.array([np.isfinite(column).all() for column in rows.T])]
medians = np.nan_to_num(np.nanmedian(rows, axis=0))
filled = np.where(np.isnan(rows), medians, rows)
print(f"{len(rows)} rows, {rows.shape[1]} inputs, {labels.sum()} labelled, {folds.max() + 1} folds")
for name, make, matrix in (
    # It takes no missing values: they are the median of their column.
    ("GradientBoostingClassifier",
     lambda seed: GradientBoostingClassifier(
         n_estimators=int(trees), max_depth=int(depth), learning_rate=rate, random_state=seed), filled),
    ("HistGradientBoostingClassifier",
     lambda seed: HistGradientBoostingClassifier(
         max_iter=int(trees), max_depth=int(depth), learning_rate=rate, early_stopping=False,
         random_state=seed), rows),
):
    areas, precisions, started = [], [], time.perf_counter()
    for seed in (1, 2, 3):
        margins = np.zeros(len(rows))
        for fold in range(folds.max() + 1):
            held = folds == fold
            model = make(seed).fit(matrix[~held], labels[~held])
            margins[held] = model.predict_proba(matrix[held])[:, 1]
        areas.append(roc_auc_score(labels, margins))
        precisions.append(average_precision_score(labels, margins))
    seconds = (time.perf_counter() - started) / 3
    print(f"{name}: AUROC {np.mean(areas):.4f}, average precision {np.mean(precisions):.3f}, "
          f"{seconds:.1f} s a seed")
