"""AUROC of scikit-learn's isolation forest on the ADBench tables, 100 trees and 256 rows.

Usage: forest_reference.py DATA_FOLDER [SEED_COUNT]
"""

import gzip
import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

seed_count = int(sys.argv[2]) if len(sys.argv) > 2 else 10
for table in ("cardio", "thyroid", "mammography", "shuttle"):
    with gzip.open(Path(sys.argv[1]) / f"adbench-{table}" / "data.csv.gz", "rt") as file:
        values = np.genfromtxt(file, delimiter=",", skip_header=1)
    rows, labels = values[:, :-1], values[:, -1]
    areas = []
    for seed in range(seed_count):
        forest = IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows)
        areas.append(roc_auc_score(labels, -forest.score_samples(rows)))
    print(f"{table:12} mean {np.mean(areas):.4f}  deviation {np.std(areas):.4f}")
