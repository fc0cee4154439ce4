#!/usr/bin/env python3
"""Runs Vigil's kernels and the peers on the same graphs, one after the other, and prints tables.

    run.py PROGRAM FOLDER [--graphs NAMES] [--threads 1,2] [--metrics NAMES] [--limit SECONDS]

PROGRAM is graph-benchmark, FOLDER holds the graphs or gets them. Libraries that are not there are left
out. graph-tool runs under the Python of the system (GRAPH_TOOL_PYTHON, by default /usr/bin/python3).
A kernel of a peer that takes longer than the limit is cut, and shown as such.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import select
import subprocess
import sys
import tempfile
import time

import numpy as np

import make_graphs

HERE = pathlib.Path(__file__).parent
LIBRARIES = ("igraph", "networkit", "rustworkx", "graph-tool")
METRICS = ("load", "build", "components", "core", "clustering", "articulation", "pagerank", "eigenvector", "closeness", "betweenness", "louvain", "leiden")
# SPEC: how many times faster than the fastest peer.
BARS = {"pagerank": 3, "clustering": 5, "core": 3, "components": 3, "eigenvector": 3, "closeness": 30, "betweenness": 3, "louvain": 2, "leiden": 2}
# Graphs up to this size are searched from every node, larger ones from 256.
EXACT_NODES = 10_000


def interpreter(library):
    return os.environ.get("GRAPH_TOOL_PYTHON", "/usr/bin/python3") if library == "graph-tool" else sys.executable


def is_there(library):
    module = {"graph-tool": "graph_tool"}.get(library, library)
    return subprocess.run([interpreter(library), "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def lines_of(command, environment, limit):
    """Yields the JSON lines of a program; None, and its end, where a line took longer than the limit."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environment})
    pending = b""
    deadline = time.monotonic() + limit
    try:
        while True:
            ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                yield None
                return
            chunk = os.read(process.stdout.fileno(), 1 << 16)
            if not chunk:
                break
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                deadline = time.monotonic() + limit
                yield json.loads(line)
        if process.wait() != 0:
            print(f"{' '.join(map(str, command))}: {process.stderr.read().decode()[-500:]}", file=sys.stderr)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def run_ours(program, base, nodes, threads, metrics, values):
    command = [program, base.with_suffix(".bin"), "--nodes", str(nodes), "--threads", str(threads), "--csv", base.with_suffix(".csv"), "--values", values, "--only", ",".join(metrics)]
    if nodes > EXACT_NODES:
        command += ["--sources", str(make_graphs.SOURCE_COUNT), "--source-file", base.with_suffix(".sources")]
    results = {line["metric"]: line for line in lines_of(command, {}, 600) if line}
    if "build" in results:
        # Once more for the memory, with an allocator that hands back all that is freed.
        command[command.index("--only") + 1] = "build"
        environment = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
        for line in lines_of([*command, "--runs", "1"], environment, 600):
            results["build"]["bytes"] = line["bytes"]
    return results


def run_peer(library, base, nodes, threads, metrics, values, limit):
    environment = {"VALUES": values, "SAMPLED": "1" if nodes > EXACT_NODES else "0"}
    results, left, begun = {}, [metric for metric in metrics if metric != "build"], None
    while left:
        command = [interpreter(library), HERE / "peers.py", library, base, str(nodes), str(threads), *left]
        was_cut = False
        # The limit holds for one run; several together take up to the peers' patience more.
        for line in lines_of(command, environment, limit + 15):
            if line is None:
                was_cut = True
                if begun is None:
                    return results
                results[begun] = {"cut": limit}
                left = left[left.index(begun) + 1 :]
                break
            metric = line["metric"]
            if "begun" in line:
                begun = metric
            else:
                results.setdefault(metric, line)
                if metric in left:
                    left = left[left.index(metric) + 1 :]
        if not was_cut:
            break
        begun = None
    return results


def read_values(folder, metric):
    file = pathlib.Path(folder) / f"{metric}.f64"
    return np.fromfile(file) if file.exists() else None


def same_partition(first, second):
    pairs = len(np.unique(np.stack([first, second], 1), axis=0))
    return pairs == len(np.unique(first)) == len(np.unique(second))


def difference(library, metric, ours, theirs, is_sampled):
    """How far apart the answers are; None where they cannot be compared."""
    if ours is None or theirs is None or len(ours) != len(theirs):
        return None
    if metric == "components":
        return 0.0 if same_partition(ours, theirs) else math.inf
    if metric in ("louvain", "leiden") or (metric == "closeness" and is_sampled):
        return None
    # NaN is what some libraries give isolated nodes.
    theirs = np.nan_to_num(theirs)
    if metric == "pagerank":
        return float(np.abs(ours - theirs / theirs.sum()).sum())
    if metric == "eigenvector":
        theirs = np.abs(theirs)
        return float(np.linalg.norm(ours - theirs / np.linalg.norm(theirs)))
    if metric == "closeness" and library not in ("networkit", "rustworkx"):
        # igraph and graph-tool define it inside a component.
        return None
    if metric == "betweenness":
        scale = theirs.sum() / ours.sum() if ours.sum() else 1
        return float(np.abs(ours * scale - theirs).max() / max(1e-300, np.abs(theirs).max()))
    return float(np.abs(ours - theirs).max())


def run_incremental(options, name, table):
    base = options.folder / name
    nodes = make_graphs.make(options.folder, name)
    command = [options.program, base.with_suffix(".bin"), "--nodes", str(nodes), "--incremental", str(options.changes)]
    for line in lines_of(command, {}, 600):
        if line:
            table.append((name, line))


def shown(seconds):
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def cell(result):
    if result is None or "missing" in result or "seconds" not in result and "cut" not in result:
        return "-"
    return f"> {result['cut']} s" if "cut" in result else shown(result["seconds"])


def compare(options, name, threads, table, costs):
    base = options.folder / name
    nodes = make_graphs.make(options.folder, name)
    is_sampled = nodes > EXACT_NODES
    with tempfile.TemporaryDirectory() as folder:
        ours_folder = pathlib.Path(folder) / "vigil"
        ours_folder.mkdir()
        ours = run_ours(options.program, base, nodes, threads, options.metrics, ours_folder)
        peers = {}
        answers = {}
        for library in options.libraries:
            peer_folder = pathlib.Path(folder) / library
            peer_folder.mkdir()
            peers[library] = run_peer(library, base, nodes, threads, options.metrics, peer_folder, options.limit)
            for metric in options.metrics:
                answers[library, metric] = difference(library, metric, read_values(ours_folder, metric), read_values(peer_folder, metric), is_sampled)
        for metric in options.metrics:
            mine = ours.get(metric)
            if mine is None:
                continue
            costs.setdefault((metric, threads), {})[name] = mine["seconds"]
            timed = {library: peer[metric]["seconds"] for library, peer in peers.items() if "seconds" in peer.get(metric, {})}
            ratio = min(timed.values()) / mine["seconds"] if timed else None
            worst = max((answers[library, metric] for library in options.libraries if answers[library, metric] is not None), default=None)
            table.append((name, threads, metric, mine, {library: peers[library].get(metric) for library in options.libraries}, ratio, worst))


def print_tables(options, table, costs):
    print("| graph | threads | metric | vigil | " + " | ".join(options.libraries) + " | fastest peer / vigil | bar | reached | largest difference |")
    print("|---" * (8 + len(options.libraries)) + "|")
    for name, threads, metric, mine, peers, ratio, worst in table:
        label = metric
        if metric in ("closeness", "betweenness"):
            label += ", exact" if make_graphs.GRAPHS[name][0] <= EXACT_NODES else f", {make_graphs.SOURCE_COUNT} sources"
        bar = BARS.get(metric)
        quality = "" if "modularity" not in mine else f" (Q {mine['modularity']:.4f})"
        others = []
        for peer in peers.values():
            text = cell(peer)
            if peer and "modularity" in peer:
                text += f" (Q {peer['modularity']:.4f})"
            others.append(text)
        columns = [
            name, str(threads), label, shown(mine["seconds"]) + quality, *others,
            "-" if ratio is None else f"{ratio:.1f}", f"{bar} x" if bar else "-",
            "-" if not bar or ratio is None else "yes" if ratio >= bar else "no",
            "-" if worst is None else f"{worst:.1g}",
        ]
        print("| " + " | ".join(columns) + " |")
    print("\nMemory of the graph, built from arrays (undirected; ours holds the directed pairs too):\n")
    print("| graph | vigil | " + " | ".join(options.libraries) + " |")
    print("|---" * (2 + len(options.libraries)) + "|")
    for name, threads, metric, mine, peers, _, _ in table:
        if metric == "build" and threads == options.threads[0]:
            sizes = [mine] + [peer or {} for peer in peers.values()]
            print(f"| {name} | " + " | ".join(f"{each['bytes'] / 2**20:.0f} MB" if "bytes" in each else "-" for each in sizes) + " |")
    print_growth(costs)


def print_growth(costs):
    """The exponent of seconds over nodes + edges on the power-law graphs, and that of n log n there."""
    names = [name for name in ("powerlaw-10k", "powerlaw-100k", "powerlaw-1m")]
    sizes = {"powerlaw-10k": 40_000, "powerlaw-100k": 600_000, "powerlaw-1m": 6_000_000}

    def exponent(pairs):
        return np.polyfit(np.log([size for size, _ in pairs]), np.log([cost for _, cost in pairs]), 1)[0]

    rows = []
    for (metric, threads), seconds in costs.items():
        # Closeness and betweenness search from all nodes of the smallest graph.
        chosen = [name for name in names if name in seconds and (metric not in ("closeness", "betweenness") or name != "powerlaw-10k")]
        if len(chosen) < 2:
            continue
        found = exponent([(sizes[name], seconds[name]) for name in chosen])
        limit = exponent([(sizes[name], sizes[name] * math.log(sizes[name])) for name in chosen])
        rows.append(f"| {metric} | {threads} | {' '.join(name.removeprefix('powerlaw-') for name in chosen)} | {found:.2f} | {limit:.2f} |")
    if rows:
        print("\nGrowth of our cost with nodes + edges:\n\n| metric | threads | graphs | exponent | that of n log n |\n|---|---|---|---|---|")
        print("\n".join(rows))


def print_incremental(options, table):
    print(f"\nOne change at a time, half of {options.changes} of them inserts and half deletes; one thread:\n")
    print("| graph | metric | insert, mean | insert, p99 | delete, mean | delete, p99 | recomputed | times cheaper (insert) |")
    print("|---|---|---|---|---|---|---|---|")
    for name, line in table:
        columns = [shown(line[key]) for key in ("insert_mean", "insert_p99", "remove_mean", "remove_p99", "full")]
        print(f"| {name} | {line['metric']} | " + " | ".join(columns) + f" | {line['full'] / line['insert_mean']:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--graphs", default=",".join(make_graphs.GRAPHS))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--metrics", default=",".join(METRICS))
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    parser.add_argument("--changes", type=int, default=20_000, help="changes of the incremental part; 0 leaves it out")
    parser.add_argument("--limit", type=float, default=60, help="seconds that one run of a peer may take")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    options.graphs = options.graphs.split(",")
    options.metrics = options.metrics.split(",")
    options.threads = [int(each) for each in options.threads.split(",")]
    options.libraries = [library for library in options.libraries.split(",") if is_there(library)]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; the fastest of several runs, without reading and without starting the process.\n")
    table, costs = [], {}
    for name in options.graphs:
        for threads in options.threads:
            compare(options, name, threads, table, costs)
            print(f"{name}, {threads} threads: done", file=sys.stderr)
    if table:
        print_tables(options, table, costs)
    if options.changes:
        kept = []
        for name in ("powerlaw-100k", "powerlaw-1m"):
            if name in options.graphs:
                run_incremental(options, name, kept)
        if kept:
            print_incremental(options, kept)


main()
