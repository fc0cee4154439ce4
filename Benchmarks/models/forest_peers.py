#!/usr/bin/env python3
"""The isolation forest beside coniferest, isotree and scikit-learn, its SHAP beside shap and FastTreeSHAP.

    forest_peers.py PROGRAM [--rows 10000,100000,1000000] [--threads 1,2] [--data FOLDER] [--only speed,shap,ranking]

PROGRAM is model-benchmark. All get the same rows, 100 trees of 256 rows and the same number of threads;
the fastest of several runs counts, ours before and after the peers' runs. Each peer gets its best
setting: what was tried is in README.md. Needs the folder of the public tables for the ranking.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scripts"))
COLUMNS = 18
TABLES = ("cardio", "mammography", "shuttle", "thyroid")
SEED_COUNT = 10


def fastest(body, repetitions):
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def write_rows(path, count):
    """Rows like Vigil's features: normal, heavy-tailed and counted columns, a few strange rows."""
    random = np.random.default_rng(1)
    rows = random.standard_normal((count, COLUMNS))
    rows[:, 6:12] = np.expm1(np.abs(rows[:, 6:12]))
    rows[:, 12:] = random.poisson(3, (count, COLUMNS - 12))
    rows[random.random(count) < 0.01] *= 5
    rows.astype(np.float64).tofile(path)
    return rows


def lines_of(command):
    result = subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


class Figures(dict):
    """The fewest seconds of each (task, rows, threads, library)."""

    def add(self, task, rows, threads, library, seconds):
        key = (task, rows, threads, library)
        self[key] = min(self.get(key, float("inf")), seconds)


def run_ours(program, path, counts, threads, figures):
    command = [program, "forest", path, "--columns", COLUMNS, "--counts", *counts, "--threads", *threads, "--repetitions", 5]
    for line in lines_of(command):
        seconds = line["seconds"] / (line["rows"] if line["task"].endswith("-each") else 1)
        figures.add(line["task"], line["rows"], line["threads"], "vigil", seconds)


def forests(rows, threads):
    """A fit and a score function of each peer, in each setting that was tried: (library, fit, score)."""
    from coniferest.isoforest import IsolationForest as Coniferest
    from isotree import IsolationForest as Isotree
    from sklearn.ensemble import IsolationForest as ScikitLearn

    for batch in (1 << 14, 1 << 20):
        forest = Coniferest(n_trees=100, n_subsamples=256, n_jobs=threads, random_seed=1, sampletrees_per_batch=batch)
        yield "coniferest", forest.fit, forest.score_samples, rows
        yield "coniferest", forest.fit, forest.score_samples, rows.astype(np.float32)
    options = {"ntrees": 100, "sample_size": 256, "nthreads": threads, "ndim": 1, "random_seed": 1}
    for more in ({"missing_action": "fail"}, {"missing_action": "fail", "use_long_double": False, "build_imputer": False}):
        forest = Isotree(**options, **more)
        yield "isotree", forest.fit, forest.predict, rows
    forest = ScikitLearn(n_estimators=100, max_samples=256, n_jobs=threads, random_state=1)
    yield "scikit-learn", forest.fit, forest.score_samples, rows.astype(np.float32)


def run_peers(rows, counts, threads, figures):
    import joblib

    for library, fit, score, data in forests(rows, threads):
        # scikit-learn predicts on the threads of joblib's backend.
        with joblib.parallel_backend("threading", n_jobs=threads):
            figures.add("fit", len(data), threads, library, fastest(lambda: fit(data), 3))
            for count in counts:
                part = np.ascontiguousarray(data[:count])
                score(part)
                figures.add("score", count, threads, library, fastest(lambda: score(part), 2 if count >= 1_000_000 else 4))
            if threads == 1:
                singles = [np.ascontiguousarray(data[index:index + 1]) for index in range(100 if library != "scikit-learn" else 10)]
                seconds = fastest(lambda: [score(single) for single in singles], 5) / len(singles)
                figures.add("score-each", 1_000, 1, library, seconds)


def print_speed(figures):
    libraries = ["coniferest", "isotree", "scikit-learn"]
    names = {"fit": "fit", "score": "score", "score-each": "one row", "score-extended": "score, fully extended", "explain-each": "SHAP of one row"}
    print(f"| task | rows | threads | vigil | {' | '.join(libraries)} | vigil / fastest peer |")
    print("|---" * (5 + len(libraries)) + "|")
    for task, rows, threads, library in sorted(figures, key=lambda key: (list(names).index(key[0]), key[1], key[2])):
        if library != "vigil":
            continue
        ours = figures[task, rows, threads, "vigil"]
        peers = [figures.get((task, rows, threads, peer)) for peer in libraries]
        known = [seconds for seconds in peers if seconds]
        ratio = f"{min(known) / ours:.1f} x faster" if known else ""
        shown = " | ".join(shown_seconds(seconds) for seconds in peers)
        count = 1 if task.endswith("-each") else rows
        print(f"| {names[task]} | {count:,} | {threads} | {shown_seconds(ours)} | {shown} | {ratio} |")
    print()


def shown_seconds(seconds):
    if not seconds:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


def run_speed(program, counts, threads, folder):
    rows = write_rows(folder / "rows.f64", max(counts))
    figures = Figures()
    run_ours(program, folder / "rows.f64", counts, threads, figures)
    for thread_count in threads:
        run_peers(rows, counts, thread_count, figures)
    run_ours(program, folder / "rows.f64", counts, threads, figures)
    print_speed(figures)


def run_shap(program, threads, folder):
    """Agreement and time on forests of scikit-learn."""
    import shap
    from sklearn.ensemble import IsolationForest

    from import_sklearn_forest import write_forest

    rows = write_rows(folder / "shap.f64", 1_000)
    print("| scikit-learn forest | rows | scores differ by | SHAP values differ by | of them beyond 1e-6 |")
    print("|---|---|---|---|---|")
    cases = {
        "plain": ({}, rows),
        "max_features 0.5, bootstrap": ({"max_features": 0.5, "bootstrap": True}, rows),
        "max_samples 64": ({"max_samples": 64}, rows),
        "values missing": ({}, np.where(np.random.default_rng(2).random(rows.shape) < 0.1, np.nan, rows)),
    }
    for name, (options, data) in cases.items():
        forest = IsolationForest(**{"n_estimators": 100, "max_samples": 256, "random_state": 1, **options}).fit(data)
        write_forest(forest, folder / "forest.safetensors")
        data.astype(np.float64).tofile(folder / "shap.f64")
        timings = lines_of([program, "shap", folder / "forest.safetensors", folder / "shap.f64", folder / "ours.safetensors", "--threads", *threads])
        ours = load_file(folder / "ours.safetensors")
        score_error = np.abs(ours["scores"] + forest.score_samples(data)).max()
        # shap compares doubles with the thresholds, scikit-learn float32s: give it those.
        explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        theirs = explainer.shap_values(data.astype(np.float32).astype(np.float64), check_additivity=False)
        error = np.abs(ours["contributions"] - theirs)
        print(f"| {name} | {len(data):,} | {score_error:.1e} | {error.max():.1e} | {(error > 1e-6).sum()} of {error.size:,} |")
        if name != "plain":
            continue
        seconds = {f"vigil, {threads_text(line['threads'])}": line["seconds"] for line in timings}
        seconds["shap, 1 thread"] = fastest(lambda: explainer.shap_values(rows, check_additivity=False), 3)
        seconds.update(fasttreeshap_seconds(folder))
        sums = ours["contributions"].sum(axis=1) + ours["expected"][0] - ours["path_lengths"]
        largest = np.abs(sums).max()
    print(f"\nLargest difference between the sum of the values and the path length: {largest:.1e}\n")
    print("| SHAP, 1,000 rows, 100 trees | seconds | vigil on one thread is |")
    print("|---|---|---|")
    one = seconds["vigil, 1 thread"]
    for name, value in seconds.items():
        ratio = "" if name.startswith("vigil") else f"{value / one:.1f} x faster"
        print(f"| {name} | {value:.3f} | {ratio} |")
    print()


def threads_text(count):
    return f"{count} thread{'s' if count > 1 else ''}"


def fasttreeshap_seconds(folder):
    python = HERE / ".build-venv-fasttreeshap/bin/python"
    python = os.environ.get("FASTTREESHAP_PYTHON", python)
    script = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np, fasttreeshap
from sklearn.ensemble import IsolationForest
rows = np.fromfile(sys.argv[1]).reshape(-1, int(sys.argv[2]))
forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1).fit(rows)
for algorithm in ("v1", "v2"):
    for threads in (1, 2):
        explainer = fasttreeshap.TreeExplainer(forest, algorithm=algorithm, n_jobs=threads, feature_perturbation="tree_path_dependent")
        best = 1e9
        for _ in range(3):
            start = time.perf_counter()
            explainer.shap_values(rows, check_additivity=False)
            best = min(best, time.perf_counter() - start)
        print(json.dumps({f"FastTreeSHAP {algorithm}, {threads} thread{'s' if threads > 1 else ''}": best}))
"""
    try:
        write_rows(folder / "fast.f64", 1_000)
        result = subprocess.run([str(python), "-c", script, str(folder / "fast.f64"), str(COLUMNS)], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"without FastTreeSHAP: {getattr(error, 'stderr', error)}"[-500:], file=sys.stderr)
        return {}
    seconds = {}
    for line in result.stdout.splitlines():
        seconds.update(json.loads(line))
    return seconds


def run_ranking(program, data_folder, folder):
    import gzip

    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import average_precision_score, roc_auc_score

    print(f"| table (mean of {SEED_COUNT} seeds) | vigil AUROC | scikit-learn | difference | vigil AP | scikit-learn | fully extended AUROC | AP |")
    print("|---|---|---|---|---|---|---|---|")
    for table in TABLES:
        path = pathlib.Path(data_folder) / f"adbench-{table}" / "data.csv.gz"
        subprocess.run([program, "forest-scores", path, folder / "scores.safetensors", "--seed-count", str(SEED_COUNT)], check=True)
        ours = load_file(folder / "scores.safetensors")
        with gzip.open(path, "rt") as file:
            values = np.genfromtxt(file, delimiter=",", skip_header=1)
        rows, labels = values[:, :-1], values[:, -1]
        theirs = [-IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows).score_samples(rows) for seed in range(1, SEED_COUNT + 1)]

        def mean(measure, scores):
            return np.mean([measure(labels, score) for score in scores])

        area, area_theirs = mean(roc_auc_score, ours["scores"]), mean(roc_auc_score, theirs)
        precision, precision_theirs = mean(average_precision_score, ours["scores"]), mean(average_precision_score, theirs)
        extended, extended_precision = mean(roc_auc_score, ours["extended_scores"]), mean(average_precision_score, ours["extended_scores"])
        print(f"| {table} | {area:.4f} | {area_theirs:.4f} | {area - area_theirs:+.4f} | {precision:.3f} | {precision_theirs:.3f} | {extended:.4f} | {extended_precision:.3f} |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--data", default=os.environ.get("VIGIL_DATA"))
    parser.add_argument("--only", default="speed,shap,ranking")
    options = parser.parse_args()
    parts = options.only.split(",")
    threads = [int(count) for count in options.threads.split(",")]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if "speed" in parts:
            run_speed(options.program, [int(count) for count in options.rows.split(",")], threads, folder)
        if "shap" in parts:
            run_shap(options.program, threads, folder)
        if "ranking" in parts:
            if options.data:
                run_ranking(options.program, options.data, folder)
            else:
                print("The ranking needs --data or VIGIL_DATA: the folder of the public tables.", file=sys.stderr)


if __name__ == "__main__":
    main()
