#!/usr/bin/env python3
"""Compares `vigil metrics` with NetworkX and igraph on graphs of many kinds.

    compare.py VIGIL [--quick]

VIGIL is the program. Prints, for each kind of graph and each metric, the largest difference over all
sizes and seeds, and ends with 1 where an exact metric differs by more than 1e-9, where components,
articulation points or bridges differ at all, or where communities are worse than NetworkX's Louvain.

Communities are not unique. Their modularity is recomputed from the labels by NetworkX and must equal
the one reported; the ratio to NetworkX's Louvain must be at least 0.98.
"""

import argparse
import csv
import io
import json
import math
import random
import subprocess
import sys

import igraph
import networkx as nx
import numpy as np

TOLERANCE = 1e-9
MODULARITY_SHARE = 0.98


# ---- Graphs: lists of rows (source, target, weight), any hashable text or number as a name ----


def weighted(pairs, seed):
    generator = random.Random(seed)
    return [(first, second, round(generator.uniform(0.1, 9), 3)) for first, second in pairs]


def oriented(graph, seed):
    """Each edge of an undirected graph as a row in a random direction."""
    generator = random.Random(seed)
    return [edge if generator.random() < 0.5 else edge[::-1] for edge in graph.edges]


def power_law(nodes, edges, seed, gamma=2.3):
    generator = np.random.default_rng(seed)
    weights = np.arange(1, nodes + 1) ** (-1 / (gamma - 1))
    ends = generator.choice(nodes, size=(edges, 2), p=weights / weights.sum())
    return [(int(first), int(second)) for first, second in ends if first != second]


def disjoint(*parts):
    rows = []
    for number, part in enumerate(parts):
        rows += [(f"{number}-{first}", f"{number}-{second}") for first, second in part]
    return rows


def multigraph(nodes, edges, seed):
    """Parallel rows in both directions and self-loops, some nodes with nothing but a loop."""
    generator = random.Random(seed)
    rows = [(generator.randrange(nodes), generator.randrange(nodes)) for _ in range(edges)]
    rows += [generator.choice(rows) for _ in range(edges // 3)]
    rows += [(second, first) for first, second in rows[: edges // 5]]
    rows += [(node, node) for node in range(0, nodes + 10, 7)]
    return rows


def graphs(quick):
    sizes = [1] if quick else [1, 3]
    for size in sizes:
        for seed in (1,) if quick else (1, 2, 3):
            n = 150 * size
            yield "random", oriented(nx.gnm_random_graph(n, 4 * n, seed=seed), seed)
            yield "sparse random", oriented(nx.gnm_random_graph(n, n, seed=seed), seed)
            yield "power law", power_law(n, 3 * n, seed)
            yield "preferential attachment", oriented(nx.barabasi_albert_graph(n, 3, seed=seed), seed)
            yield "small world", oriented(nx.watts_strogatz_graph(n, 6, 0.1, seed=seed), seed)
            yield "tree", oriented(nx.from_prufer_sequence([random.Random(seed + k).randrange(n) for k in range(n - 2)]), seed)
            yield "disconnected", disjoint(
                power_law(n, 2 * n, seed), nx.path_graph(7).edges, nx.cycle_graph(5).edges, nx.complete_graph(6).edges,
                oriented(nx.gnm_random_graph(n // 3, n, seed=seed), seed), [(0, 1)], [(0, 0)])
            yield "multigraph with loops", multigraph(n, 4 * n, seed)
        side = 8 * size
        yield "grid", [(f"{a}", f"{b}") for a, b in nx.grid_2d_graph(side, side + 3).edges]
        yield "king's grid", king(side)
        yield "star", [(0, leaf) for leaf in range(1, 60 * size)]
        yield "clique", list(nx.complete_graph(20 * size).edges)
        yield "path", list(nx.path_graph(50 * size).edges)
        yield "cycle", list(nx.cycle_graph(50 * size + 1).edges)
        yield "cliques on a ring", list(nx.ring_of_cliques(6 * size, 7).edges)
        yield "bipartite", list(nx.complete_bipartite_graph(7 * size, 11 * size).edges)
    yield "one edge", [("a", "b")]
    yield "one loop", [("a", "a")]
    yield "named: karate club", list(nx.karate_club_graph().edges)
    yield "named: Les Misérables", list(nx.les_miserables_graph().edges)


def king(side):
    graph = nx.grid_2d_graph(side, side)
    graph.add_edges_from(((a, b), (a + 1, b + 1)) for a in range(side - 1) for b in range(side - 1))
    graph.add_edges_from(((a + 1, b), (a, b + 1)) for a in range(side - 1) for b in range(side - 1))
    return list(nx.convert_node_labels_to_integers(graph, ordering="sorted").edges)


# ---- Ours ----


def run_vigil(program, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["source", "target", "weight"])
    writer.writerows(rows)
    arguments = [program, "metrics", "-", "--exact", "--report", "json", "--threads", "2"]
    done = subprocess.run(arguments, input=text.getvalue(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    table = {row["node"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    return table, json.loads(done.stderr)


# ---- Peers: metric -> node -> value ----


def principal_eigenvector(graph, nodes):
    """The limit of power iteration from equal values: their projection on the principal eigenspace."""
    matrix = nx.to_scipy_sparse_array(graph, nodelist=nodes, dtype=float, weight=None)
    if matrix.nnz == 0:
        return dict.fromkeys(nodes, 1 / math.sqrt(len(nodes)))
    values, vectors = np.linalg.eigh(matrix.toarray())
    space = vectors[:, values > values[-1] - 1e-9 * max(1, values[-1])]
    vector = space @ (space.T @ np.ones(len(nodes)))
    return dict(zip(nodes, vector / np.linalg.norm(vector)))


def networkx_values(rows):
    multi = nx.MultiDiGraph()
    multi.add_weighted_edges_from((str(a), str(b), w) for a, b, w in rows)
    directed = nx.DiGraph(multi)
    plain = nx.Graph(directed)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    nodes = list(plain)
    values = {
        "degree": dict(plain.degree),
        "degree_centrality": nx.degree_centrality(plain),
        "in_degree": dict(directed.in_degree),
        "out_degree": dict(directed.out_degree),
        "strength": dict(multi.degree(weight="weight")),
        "triangles": nx.triangles(plain),
        "clustering_coefficient": nx.clustering(plain),
        "core_number": nx.core_number(plain),
        "pagerank": nx.pagerank(directed, tol=1e-15 / len(nodes), max_iter=10_000, weight=None),
        "eigenvector_centrality": principal_eigenvector(plain, nodes),
        "closeness_centrality": nx.closeness_centrality(plain),
        "harmonic_centrality": nx.harmonic_centrality(plain),
        "betweenness_centrality": nx.betweenness_centrality(plain),
    }
    return plain, values


def igraph_values(rows, plain):
    """The metrics that igraph defines as we do."""
    names = list(plain)
    index = {name: position for position, name in enumerate(names)}
    graph = igraph.Graph(n=len(names), edges=[(index[a], index[b]) for a, b in plain.edges])
    directed = igraph.Graph(n=len(names), edges=list({(index[str(a)], index[str(b)]) for a, b, _ in rows}), directed=True)
    count = len(names)
    pairs = (count - 1) * (count - 2) / 2

    def named(values):
        return dict(zip(names, values))

    closeness, harmonic = {}, {}
    distances = np.array(graph.distances())
    for position, name in enumerate(names):
        reached = distances[position][np.isfinite(distances[position])]
        others, total = len(reached) - 1, reached.sum()
        closeness[name] = others / (count - 1) * (others / total) if total else 0.0
        harmonic[name] = (1 / reached[reached > 0]).sum()
    return {
        "degree": named(graph.degree()),
        "clustering_coefficient": named(graph.transitivity_local_undirected(mode="zero")),
        "core_number": named(graph.coreness()),
        "pagerank": named(directed.pagerank(damping=0.85, implementation="prpack")),
        "closeness_centrality": closeness,
        "harmonic_centrality": harmonic,
        "betweenness_centrality": named(value / pairs if pairs > 0 else 0.0 for value in graph.betweenness()),
        "is_articulation_point": named(position in set(graph.articulation_points()) for position in range(count)),
    }


# ---- The comparison ----


class Differences:
    def __init__(self):
        self.largest = {}
        self.failures = []

    def note(self, kind, metric, peer, difference, limit=TOLERANCE):
        key = (metric, peer, kind)
        self.largest[key] = max(self.largest.get(key, 0.0), difference)
        if not difference <= limit:
            self.failures.append(f"{kind}: {metric} differs from {peer} by {difference:.3g}")


def groups_of(labels):
    groups = {}
    for node, label in labels.items():
        groups.setdefault(label, set()).add(node)
    return {frozenset(group) for group in groups.values()}


def compare(program, kind, rows, seed, differences):
    table, report = run_vigil(program, rows)
    plain, theirs = networkx_values(rows)
    if set(table) != set(plain):
        differences.failures.append(f"{kind}: other nodes than NetworkX has")
        return
    for metric, values in theirs.items():
        # Sums such as harmonic centrality and strength are compared beside their size.
        worst = max(abs(float(table[node][metric]) - value) / max(1, abs(value)) for node, value in values.items())
        differences.note(kind, metric, "NetworkX", worst)
    for metric, values in igraph_values(rows, plain).items():
        if metric == "is_articulation_point":
            worst = sum((table[node][metric] == "true") != value for node, value in values.items()) if metric in next(iter(table.values())) else 0
        else:
            worst = max(abs(float(table[node][metric]) - value) / max(1, abs(value)) for node, value in values.items())
        differences.note(kind, metric, "igraph", worst)
    compare_structure(kind, table, report, plain, seed, differences)


def compare_structure(kind, table, report, plain, seed, differences):
    columns = next(iter(table.values())).keys()
    ours = groups_of({node: row["component"] for node, row in table.items()})
    theirs = {frozenset(group) for group in nx.connected_components(plain)}
    differences.note(kind, "component", "NetworkX", len(ours ^ theirs))
    if "is_articulation_point" in columns:
        ours = {node for node, row in table.items() if row["is_articulation_point"] == "true"}
        differences.note(kind, "is_articulation_point", "NetworkX", len(ours ^ set(nx.articulation_points(plain))))
        differences.note(kind, "bridges (count)", "NetworkX", abs(report["bridges"] - sum(1 for _ in nx.bridges(plain))))
    if "community" in columns:
        groups = groups_of({node: row["community"] for node, row in table.items()})
        if plain.number_of_edges() == 0:
            return
        modularity = nx.community.modularity(plain, groups, weight=None)
        differences.note(kind, "modularity of our labels", "NetworkX", abs(modularity - report["modularity"]))
        peer = nx.community.modularity(
            plain, nx.community.louvain_communities(plain, seed=seed, weight=None), weight=None)
        shortfall = max(0.0, 1 - modularity / peer) if peer > 1e-9 else 0.0
        differences.note(kind, "modularity below Louvain's (share)", "NetworkX", shortfall, 1 - MODULARITY_SHARE)
        connected = all(nx.is_connected(plain.subgraph(group)) for group in groups)
        differences.note(kind, "communities not connected", "NetworkX", 0 if connected else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true", help="small graphs and one seed")
    options = parser.parse_args()
    differences = Differences()
    count = 0
    for count, (kind, pairs) in enumerate(graphs(options.quick), start=1):
        compare(options.program, kind, weighted(pairs, count), count, differences)

    kinds = list(dict.fromkeys(kind for _, _, kind in differences.largest))
    metrics = list(dict.fromkeys((metric, peer) for metric, peer, _ in differences.largest))
    print(f"{count} graphs of {len(kinds)} kinds; NetworkX {nx.__version__}, igraph {igraph.__version__}. The largest difference:\n")
    print("| metric | peer | over all graphs | on |")
    print("|---|---|---|---|")
    for metric, peer in metrics:
        worst, kind = max((differences.largest.get((metric, peer, kind), 0.0), kind) for kind in kinds)
        print(f"| {metric} | {peer} | {worst:.2g} | {kind if worst else 'none'} |")
    print("\n| kind of graph | " + " | ".join(f"{metric} ({peer})" for metric, peer in metrics) + " |")
    print("|---" * (len(metrics) + 1) + "|")
    for kind in kinds:
        cells = (differences.largest.get((metric, peer, kind)) for metric, peer in metrics)
        print(f"| {kind} | " + " | ".join("-" if cell is None else f"{cell:.1g}" for cell in cells) + " |")
    for failure in differences.failures:
        print(f"compare.py: {failure}", file=sys.stderr)
    return 1 if differences.failures else 0


sys.exit(main())
