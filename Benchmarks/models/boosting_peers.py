#!/usr/bin/env python3
"""Gradient-boosted trees beside scikit-learn's, their SHAP beside shap.

    boosting_peers.py PROGRAM [--rows 1000,10000,100000] [--columns 150] [--threads 1,2] [--data FOLDER]
                      [--seeds 101,...,110] [--only speed,shap,ranking,few]

PROGRAM is model-benchmark. All fit 100 trees of depth 3 at a rate of 0.1 to the same rows; for the
ranking also with the same folds. The fastest of several runs counts, ours before and after the peers'.
"""

import argparse
import gzip
import json
import os
import pathlib
import platform
import subprocess
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file, save_file

TABLES = ("cardio", "mammography", "shuttle", "thyroid")


def fastest(body, repetitions):
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def lines_of(command):
    result = subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def peers(threads, bins):
    """The peers' classifiers with our settings: name, classifier, whether missing values are allowed."""
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier

    yield "HistGradientBoosting", HistGradientBoostingClassifier(
        max_iter=100, max_depth=3, learning_rate=0.1, early_stopping=False, min_samples_leaf=5, l2_regularization=1, max_bins=bins, random_state=1)
    if threads == 1:
        yield "GradientBoosting", GradientBoostingClassifier(n_estimators=100, max_depth=3, learning_rate=0.1, min_samples_leaf=5, random_state=1)


def rows_with_labels(count, columns):
    """Normal, heavy-tailed and counted columns; five of them tell something of the label, one row in twenty anomalous."""
    random = np.random.default_rng(1)
    rows = random.standard_normal((count, columns))
    third = columns // 3
    rows[:, third:2 * third] = np.expm1(np.abs(rows[:, third:2 * third]))
    rows[:, 2 * third:] = random.poisson(3, (count, columns - 2 * third))
    odds = rows[:, 0] + rows[:, 1] * rows[:, 2] + (rows[:, third] > 2) + 0.5 * (rows[:, 2 * third] > 5)
    labels = odds + random.logistic(size=count) > np.quantile(odds, 0.95) + 1
    return rows, labels.astype(np.float64)


class Figures(dict):
    """The fewest seconds of each (task, rows, threads, library)."""

    def add(self, task, rows, threads, library, seconds):
        key = (task, rows, threads, library)
        self[key] = min(self.get(key, float("inf")), seconds)


def run_ours(program, path, columns, counts, threads, bins, figures, *more):
    command = [program, "boosting", path, "--columns", columns, "--bins", bins, "--counts", *counts, "--threads", *threads, *more]
    for line in lines_of(command):
        each = line["task"].endswith("-each")
        seconds = line["seconds"] / (line["rows"] if each else 1)
        figures.add(line["task"], max(counts) if each else line["rows"], line["threads"], "vigil", seconds)


def run_peers(rows, labels, counts, threads, bins, figures):
    from threadpoolctl import threadpool_limits

    for library, classifier in peers(threads, bins):
        with threadpool_limits(threads):
            for count in counts:
                if library == "GradientBoosting" and count > 10_000:
                    continue
                part, own = np.ascontiguousarray(rows[:count]), labels[:count]
                slow = count > 10_000 or library == "GradientBoosting"
                figures.add("fit", count, threads, library, fastest(lambda: classifier.fit(part, own), 1 if slow else 3))
                figures.add("predict", count, threads, library, fastest(lambda: classifier.decision_function(part), 2))
                if threads == 1 and count == max(counts):
                    singles = [np.ascontiguousarray(part[index:index + 1]) for index in range(20)]
                    figures.add("predict-each", count, 1, library, fastest(lambda: [classifier.decision_function(single) for single in singles], 3) / 20)


def shown(seconds):
    if not seconds:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


def print_speed(figures, libraries):
    names = {"fit": "fit", "predict": "judge all rows", "predict-each": "judge one row", "explain-each": "contributions of one row", "regression": "logistic regression, fit"}
    print(f"| task | rows | threads | vigil | {' | '.join(libraries)} | fastest peer / vigil |")
    print("|---" * (5 + len(libraries)) + "|")
    for task, rows, threads, library in sorted(figures, key=lambda key: (list(names).index(key[0]), key[1], key[2])):
        if library != "vigil":
            continue
        ours = figures[task, rows, threads, "vigil"]
        others = [figures.get((task, rows, threads, name)) for name in libraries]
        known = [seconds for seconds in others if seconds]
        ratio = f"{min(known) / ours:.1f}" if known else ""
        count = 1 if task.endswith("-each") else rows
        print(f"| {names[task]} | {count:,} | {threads} | {shown(ours)} | {' | '.join(map(shown, others))} | {ratio} |")
    print()


def run_speed(program, columns, counts, threads, bins, folder):
    rows, labels = rows_with_labels(max(counts), columns)
    np.column_stack([rows, labels]).tofile(folder / "rows.f64")
    print(f"{columns} columns, {bins} bins, {labels[:min(counts)].sum():.0f} of the first {min(counts):,} rows anomalous\n")
    figures = Figures()
    run_ours(program, folder / "rows.f64", columns, counts, threads, bins, figures)
    for count in threads:
        run_peers(rows, labels, counts, count, bins, figures)
    run_ours(program, folder / "rows.f64", columns, counts, threads, bins, figures)
    print_speed(figures, ["HistGradientBoosting", "GradientBoosting"])


def run_shap(program, folder):
    """Our trees, read by shap: margins, expectations, values."""
    import shap

    print("| trees of 2,000 rows | margins differ by | SHAP values differ by | of them beyond 1e-6 | shap / vigil, time of a row |")
    print("|---|---|---|---|---|")
    for name, missing, depth in (("depth 3", 0, 3), ("depth 3, a tenth of the values missing", 0.1, 3), ("depth 6, a tenth missing", 0.1, 6)):
        rows, labels = rows_with_labels(2_000, 30)
        rows = np.where(np.random.default_rng(2).random(rows.shape) < missing, np.nan, rows)
        np.column_stack([rows, labels]).tofile(folder / "shap.f64")
        figures = Figures()
        run_ours(program, folder / "shap.f64", 30, [2_000], [1], 64, figures, "--depth", depth, "--output", folder / "trees.safetensors")
        ours = load_file(folder / "trees.safetensors")
        explainer = shap.TreeExplainer(shap_model(ours), feature_perturbation="tree_path_dependent")
        rows = rows[:1_000]
        theirs = explainer.shap_values(rows, check_additivity=False)
        seconds = fastest(lambda: explainer.shap_values(rows, check_additivity=False), 3) / len(rows)
        error = np.abs(ours["contributions"] - theirs)
        # shap's own output, without the base that our margins start from.
        margins = theirs.sum(axis=1) + explainer.expected_value + ours["boosting.base_margin"][0]
        margin_error = np.abs(margins - ours["margins"]).max()
        ratio = seconds / figures["explain-each", 2_000, 1, "vigil"]
        print(f"| {name} | {margin_error:.1e} | {error.max():.1e} | {(error > 1e-6).sum()} of {error.size:,} | {ratio:.1f} |")
    print()


def shap_model(tensors):
    """The trees as shap's own description; there a value at a threshold goes left, here right."""
    own = {name.removeprefix("boosting."): tensor for name, tensor in tensors.items() if name.startswith("boosting.")}
    trees = []
    for start, end in zip(own["tree_offsets"], own["tree_offsets"][1:]):
        nodes = slice(start, end)
        left = np.where(own["first_child"][nodes] >= 0, own["first_child"][nodes] - start, -1)
        right = np.where(left >= 0, left + 1, -1)
        trees.append({
            "children_left": left.astype(np.int32), "children_right": right.astype(np.int32),
            "children_default": np.where(own["missing_goes_right"][nodes] == 1, right, left).astype(np.int32),
            "features": own["feature"][nodes].astype(np.int32),
            "thresholds": np.nextafter(own["threshold"][nodes], -np.inf),
            "values": own["leaf_value"][nodes].reshape(-1, 1).astype(np.float64),
            "node_sample_weight": own["cover"][nodes].astype(np.float64),
        })
    return {"trees": trees}


def run_ranking(program, data_folder, seeds, folder):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score, roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    print(f"Stratified 5-fold cross-validation, the same folds for all, seeds {seeds}; mean over seeds of the mean over folds, ± over seeds\n")
    print("| table | model | AUROC | average precision |")
    print("|---|---|---|---|")
    for table in TABLES:
        path = pathlib.Path(data_folder) / f"adbench-{table}" / "data.csv.gz"
        with gzip.open(path, "rt") as file:
            values = np.genfromtxt(file, delimiter=",", skip_header=1)
        rows, labels = values[:, :-1], values[:, -1]
        folds = np.zeros((len(seeds), len(rows)), np.int64)
        for index, seed in enumerate(seeds):
            for fold, (_, judged) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(rows, labels)):
                folds[index, judged] = fold
        save_file({"folds": folds}, folder / "folds.safetensors")
        scores = {}
        for name, bins in (("vigil, 64 bins", 64), ("vigil, 255 bins", 255)):
            subprocess.run([program, "boosting-scores", path, folder / "folds.safetensors", folder / "margins.safetensors", "--bins", str(bins)], check=True)
            ours = load_file(folder / "margins.safetensors")
            scores[name] = ours["trees"]
        for name, classifier in list(peers(1, 255)) + [("scikit-learn, logistic regression", make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=1_000)))]:
            margins = np.zeros(folds.shape)
            for index in range(len(seeds)):
                for fold in range(5):
                    judged = folds[index] == fold
                    margins[index, judged] = classifier.fit(rows[~judged], labels[~judged]).decision_function(rows[judged])
            scores[name] = margins
            if name.startswith("scikit-learn, logistic"):
                scores["vigil, logistic regression"] = ours["regression"]
        for name, margins in scores.items():
            cells = []
            for measure in (roc_auc_score, average_precision_score):
                means = [np.mean([measure(labels[own == fold], row[own == fold]) for fold in range(5)]) for own, row in zip(folds, margins)]
                cells.append(f"{np.mean(means):.4f} ± {np.std(means):.4f}")
            print(f"| {table} | {name} | {' | '.join(cells)} |", flush=True)
    print()


def run_few_labels(program, data_folder, seeds, folder):
    """What few labels are worth, half of them anomalous and drawn at random; judged on all other rows."""
    from sklearn.metrics import roc_auc_score

    print(f"AUROC on the rows without a label, means over the seeds {seeds}\n")
    print("| table | labels, half anomalous | boosted trees | logistic regression |")
    print("|---|---|---|---|")
    for table in ("cardio", "mammography", "thyroid"):
        path = pathlib.Path(data_folder) / f"adbench-{table}" / "data.csv.gz"
        with gzip.open(path, "rt") as file:
            labels = np.genfromtxt(file, delimiter=",", skip_header=1)[:, -1]
        for count in (10, 20, 50, 100, 180):
            # Fold 0, the rest, is judged by models fitted to fold 1, the labels.
            folds = np.zeros((len(seeds), len(labels)), np.int64)
            for index, seed in enumerate(seeds):
                random = np.random.default_rng(seed)
                for label in (1, 0):
                    folds[index, random.choice(np.flatnonzero(labels == label), count // 2, replace=False)] = 1
            save_file({"folds": folds}, folder / "folds.safetensors")
            subprocess.run([program, "boosting-scores", path, folder / "folds.safetensors", folder / "margins.safetensors"], check=True)
            ours = load_file(folder / "margins.safetensors")
            cells = []
            for name in ("trees", "regression"):
                areas = [roc_auc_score(labels[own == 0], row[own == 0]) for own, row in zip(folds, ours[name])]
                cells.append(f"{np.mean(areas):.3f} ± {np.std(areas):.3f}")
            print(f"| {table} | {count} | {' | '.join(cells)} |", flush=True)
    print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", default="1000,10000,100000")
    parser.add_argument("--columns", type=int, default=150)
    parser.add_argument("--bins", type=int, default=64)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--seeds", default=",".join(map(str, range(101, 111))))
    parser.add_argument("--only", default="speed,shap,ranking,few")
    options = parser.parse_args()

    import sklearn

    print(f"{platform.machine()}, {os.cpu_count()} cores, scikit-learn {sklearn.__version__}, load {os.getloadavg()[0]:.1f}\n")
    counts = [int(count) for count in options.rows.split(",")]
    threads = [int(count) for count in options.threads.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if "shap" in options.only:
            run_shap(options.program, folder)
        seeds = [int(seed) for seed in options.seeds.split(",")]
        for part, run in (("ranking", run_ranking), ("few", run_few_labels)):
            if part not in options.only:
                continue
            if pathlib.Path(options.data).is_dir():
                run(options.program, options.data, seeds, folder)
            else:
                print(f"Nothing for {part}: there is no folder {options.data}\n")
        if "speed" in options.only:
            run_speed(options.program, options.columns, counts, threads, options.bins, folder)


if __name__ == "__main__":
    main()
