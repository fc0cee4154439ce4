#!/usr/bin/env python3
"""Prints the named graphs of Tests/GraphMetricsTests as Swift constants, with NetworkX's values.

    python3 Benchmarks/metrics/reference_values.py karate|florentine|miserables

Needs networkx with numpy and scipy. The rows are directed as listed, from the first end to the second;
PageRank is that of the directed graph, all else that of the undirected one.
"""

import sys

import networkx as nx

GRAPHS = {
    "karate": (
        nx.karate_club_graph,
        "KarateClub",
        "Zachary's karate club",
        'W. W. Zachary, "An information flow model for conflict and fission in small groups",\n'
        "/// Journal of Anthropological Research 33 (1977), doi:10.1086/jar.33.4.3629752.",
    ),
    "florentine": (
        nx.florentine_families_graph,
        "FlorentineFamilies",
        "The marriages of the Florentine families",
        'R. L. Breiger, P. E. Pattison, "Cumulated social roles: the duality of persons and their\n'
        '/// algebras", Social Networks 8 (1986), doi:10.1016/0378-8733(86)90006-7.',
    ),
    "miserables": (
        nx.les_miserables_graph,
        "LesMiserables",
        "The characters of Les Misérables",
        'D. E. Knuth, "The Stanford GraphBase: a platform for combinatorial computing" (1993):\n'
        "/// the characters of Victor Hugo's novel, adjacent where they meet in a chapter.",
    ),
}


def wrapped(words, width=91):
    line, lines = "", []
    for word in words:
        if line and len(line) + len(word) + 2 > width:
            lines.append(line + ",")
            line = word
        else:
            line = f"{line}, {word}" if line else word
    lines.append(line)
    return "\n".join("        " + each for each in lines)


def constant(name, values, note, kind="[Double]"):
    words = [repr(value) for value in values]
    return f"    /// NetworkX {nx.__version__}, {note}.\n    static let {name}: {kind} = [\n{wrapped(words)},\n    ]\n"


def main():
    make, name, title, source = GRAPHS[sys.argv[1]]
    graph = make()
    nodes = list(graph.nodes)
    index = {node: position for position, node in enumerate(nodes)}
    edges = [(index[first], index[second]) for first, second in graph.edges]
    plain = nx.Graph()
    plain.add_nodes_from(range(len(nodes)))
    plain.add_edges_from(edges)
    directed = nx.DiGraph()
    directed.add_nodes_from(range(len(nodes)))
    directed.add_edges_from(edges)

    def listed(values, kind=float):
        return [kind(values[node]) for node in range(len(nodes))]

    eigenvector = nx.eigenvector_centrality_numpy(plain)
    print(f"/// {title}, with NetworkX's values.\n///\n/// {source}\n///\n/// Written by `Benchmarks/metrics/reference_values.py {sys.argv[1]}`.")
    print(f"enum {name} {{")
    print(f"    static let nodeCount = {len(nodes)}\n")
    if isinstance(nodes[0], str):
        names = wrapped([f'"{node}"' for node in nodes])
        print(f"    static let names = [\n{names},\n    ]\n")
    ends = wrapped([f"({first}, {second})" for first, second in edges])
    print(f"    static let edges: [(Int, Int)] = [\n{ends},\n    ]\n")
    blocks = [
        constant("degree", listed(nx.degree_centrality(plain)), "degree_centrality"),
        constant("betweenness", listed(nx.betweenness_centrality(plain)), "betweenness_centrality"),
        constant("closeness", listed(nx.closeness_centrality(plain)), "closeness_centrality"),
        constant("harmonic", listed(nx.harmonic_centrality(plain)), "harmonic_centrality"),
        constant("clustering", listed(nx.clustering(plain)), "clustering"),
        constant("eigenvector", listed(eigenvector), "eigenvector_centrality_numpy"),
        constant(
            "pageRank",
            listed(nx.pagerank(directed, tol=1e-15, max_iter=10_000)),
            "pagerank(tol=1e-15) of the DiGraph",
        ),
        constant("triangles", listed(nx.triangles(plain), int), "triangles", "[Int]"),
        constant("core", listed(nx.core_number(plain), int), "core_number", "[Int32]"),
    ]
    print("\n".join(blocks) + "}")


main()
