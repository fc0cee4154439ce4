#!/usr/bin/env python3
"""Times one library on one graph and prints JSON, one line a metric.

    peers.py LIBRARY GRAPH NODES THREADS METRIC...

LIBRARY is igraph, networkit, rustworkx or graph-tool; GRAPH the path of the graph's files without
their suffix. Each metric runs several times, and the fastest counts; values go into VALUES, a folder,
where that is set. The graph is built from arrays first, which is timed as `build`.
"""

import contextlib
import json
import os
import pathlib
import sys
import time

LIBRARY, GRAPH, NODES, THREADS, METRICS = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]
os.environ["OMP_NUM_THREADS"] = os.environ["RAYON_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402: after the number of threads is set

RUNS = int(os.environ.get("RUNS", "5"))
PATIENCE_SECONDS = 10
SOURCES = os.environ.get("SAMPLED") == "1"
PAGERANK_TOLERANCE, EIGENVECTOR_TOLERANCE = 1e-6, 1e-8


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def trim():
    import ctypes
    import gc

    gc.collect()
    with contextlib.suppress(OSError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def sources():
    return np.fromfile(GRAPH.with_suffix(".sources"), dtype="<i4").tolist()


class IGraph:
    def __init__(self):
        import igraph

        self.igraph = igraph

    def build(self, ends):
        self.graph = self.igraph.Graph(n=NODES, edges=np.ascontiguousarray(ends, dtype=np.int64), directed=False)

    def directed(self, ends):
        self.digraph = self.igraph.Graph(n=NODES, edges=np.ascontiguousarray(ends, dtype=np.int64), directed=True)

    def load(self):
        return self.igraph.Graph.Read_Edgelist(str(GRAPH.with_suffix(".txt")), directed=False)

    def components(self):
        return self.graph.connected_components().membership

    def core(self):
        return self.graph.coreness()

    def clustering(self):
        return self.graph.transitivity_local_undirected(mode="zero")

    def pagerank(self):
        return self.digraph.pagerank(damping=0.85, implementation="prpack")

    def eigenvector(self):
        return self.graph.eigenvector_centrality(arpack_options=self.igraph.ARPACKOptions())

    def closeness(self):
        vertices = sources() if SOURCES else None
        self.graph.harmonic_centrality(vertices)
        return self.graph.closeness(vertices)

    def betweenness(self):
        if SOURCES:
            return self.graph.betweenness(directed=False, sources=sources())
        return self.graph.betweenness(directed=False)

    def articulation(self):
        points = self.graph.articulation_points()
        self.graph.bridges()
        values = np.zeros(NODES)
        values[points] = 1
        return values

    def louvain(self):
        clusters = self.graph.community_multilevel()
        return clusters.membership, {"modularity": clusters.modularity}

    def leiden(self):
        clusters = self.graph.community_leiden(objective_function="modularity", n_iterations=-1)
        return clusters.membership, {"modularity": self.graph.modularity(clusters.membership)}


class NetworKit:
    def __init__(self):
        import networkit

        self.nk = networkit
        networkit.setNumberOfThreads(THREADS)
        networkit.engineering.setSeed(1, False)

    def graph_of(self, ends, directed):
        columns = np.ascontiguousarray(ends.T.astype(np.uint64))
        return self.nk.GraphFromCoo((columns[0], columns[1]), n=NODES, weighted=False, directed=directed)

    def build(self, ends):
        self.graph = self.graph_of(ends, False)

    def directed(self, ends):
        self.digraph = self.graph_of(ends, True)

    def load(self):
        return self.nk.graphio.EdgeListReader(" ", 0, directed=False).read(str(GRAPH.with_suffix(".txt")))

    def components(self):
        best = self.nk.components.ParallelConnectedComponents if THREADS > 1 else self.nk.components.ConnectedComponents
        result = best(self.graph, *([False] if THREADS > 1 else []))
        result.run()
        return result.getPartition().getVector()

    def core(self):
        return self.nk.centrality.CoreDecomposition(self.graph).run().scores()

    def clustering(self):
        return self.nk.centrality.LocalClusteringCoefficient(self.graph, True).run().scores()

    def pagerank(self):
        rank = self.nk.centrality.PageRank(
            self.digraph, 0.85, PAGERANK_TOLERANCE, distributeSinks=self.nk.centrality.SinkHandling.DistributeSinks)
        rank.norm = self.nk.centrality.Norm.L1_NORM
        return rank.run().scores()

    def eigenvector(self):
        return self.nk.centrality.EigenvectorCentrality(self.graph, EIGENVECTOR_TOLERANCE).run().scores()

    def closeness(self):
        nk = self.nk.centrality
        if SOURCES:
            return nk.ApproxCloseness(self.graph, len(sources()), 0.1, True).run().scores()
        nk.HarmonicCloseness(self.graph, False).run()
        return nk.Closeness(self.graph, True, nk.ClosenessVariant.GENERALIZED).run().scores()

    def betweenness(self):
        if SOURCES:
            return self.nk.centrality.EstimateBetweenness(self.graph, len(sources()), False, THREADS > 1).run().scores()
        return self.nk.centrality.Betweenness(self.graph, False).run().scores()

    def partition(self, algorithm):
        labels = algorithm.run().getPartition()
        return labels.getVector(), {"modularity": self.nk.community.Modularity().getQuality(labels, self.graph)}

    def louvain(self):
        return self.partition(self.nk.community.PLM(self.graph, False))

    def leiden(self):
        return self.partition(self.nk.community.ParallelLeiden(self.graph))


class Rustworkx:
    def __init__(self):
        import rustworkx

        self.rx = rustworkx

    def graph_of(self, kind, ends):
        graph = kind(multigraph=True)
        graph.add_nodes_from([None] * NODES)
        graph.extend_from_edge_list(list(map(tuple, ends.tolist())))
        return graph

    def build(self, ends):
        self.graph = self.graph_of(self.rx.PyGraph, ends)

    def directed(self, ends):
        self.digraph = self.graph_of(self.rx.PyDiGraph, ends)

    def load(self):
        return self.rx.PyGraph.read_edge_list(str(GRAPH.with_suffix(".txt")))

    def ordered(self, values):
        return [values[node] for node in range(NODES)]

    def components(self):
        labels = np.zeros(NODES)
        for number, group in enumerate(self.rx.connected_components(self.graph)):
            labels[list(group)] = number
        return labels

    def core(self):
        return self.ordered(self.rx.core_number(self.graph))

    def pagerank(self):
        return self.ordered(self.rx.pagerank(self.digraph, alpha=0.85, tol=PAGERANK_TOLERANCE / NODES, max_iter=1000))

    def eigenvector(self):
        return self.ordered(self.rx.eigenvector_centrality(self.graph, tol=EIGENVECTOR_TOLERANCE, max_iter=1000))

    def closeness(self):
        return self.ordered(self.rx.closeness_centrality(self.graph)) if not SOURCES else None

    def betweenness(self):
        return self.ordered(self.rx.betweenness_centrality(self.graph, normalized=False)) if not SOURCES else None

    def articulation(self):
        values = np.zeros(NODES)
        values[list(self.rx.articulation_points(self.graph))] = 1
        self.rx.bridges(self.graph)
        return values


class GraphTool:
    def __init__(self):
        import graph_tool.all as graph_tool

        self.gt = graph_tool
        graph_tool.openmp_set_num_threads(THREADS)

    def graph_of(self, ends, directed):
        graph = self.gt.Graph(directed=directed)
        graph.add_vertex(NODES)
        graph.add_edge_list(ends)
        return graph

    def build(self, ends):
        self.graph = self.graph_of(ends, False)

    def directed(self, ends):
        self.digraph = self.graph_of(ends, True)

    def load(self):
        return self.gt.load_graph_from_csv(
            str(GRAPH.with_suffix(".csv")), directed=False, hashed=True, hash_type="int", skip_first=True)

    def components(self):
        return self.gt.label_components(self.graph)[0].a

    def core(self):
        return self.gt.kcore_decomposition(self.graph).a

    def clustering(self):
        return self.gt.local_clustering(self.graph).a

    def pagerank(self):
        return self.gt.pagerank(self.digraph, damping=0.85, epsilon=PAGERANK_TOLERANCE).a

    def eigenvector(self):
        return self.gt.eigenvector(self.graph, epsilon=EIGENVECTOR_TOLERANCE, max_iter=10_000)[1].a

    def closeness(self):
        if SOURCES:
            for source in sources():
                self.gt.closeness(self.graph, source=source, harmonic=True)
            return [self.gt.closeness(self.graph, source=source) for source in sources()]
        self.gt.closeness(self.graph, norm=False, harmonic=True)
        return np.nan_to_num(self.gt.closeness(self.graph).a)

    def betweenness(self):
        pivots = {"pivots": np.array(sources())} if SOURCES else {}
        return self.gt.betweenness(self.graph, norm=False, **pivots)[0].a

    def articulation(self):
        return self.gt.label_biconnected_components(self.graph)[1].a


LIBRARIES = {"igraph": IGraph, "networkit": NetworKit, "rustworkx": Rustworkx, "graph-tool": GraphTool}


def best_of(body):
    best, spent, count, result = float("inf"), 0.0, 0, None
    while count < RUNS and spent < PATIENCE_SECONDS:
        started = time.perf_counter()
        result = body()
        seconds = time.perf_counter() - started
        best, spent, count = min(best, seconds), spent + seconds, count + 1
    return best, result


def tell(metric, **more):
    print(json.dumps({"metric": metric, **more}), flush=True)


def main():
    library = LIBRARIES[LIBRARY]()
    ends = np.fromfile(GRAPH.with_suffix(".bin"), dtype="<i4").reshape(-1, 2)
    trim()
    before = resident_bytes()
    started = time.perf_counter()
    library.build(ends)
    seconds = time.perf_counter() - started
    trim()
    tell("build", seconds=seconds, bytes=resident_bytes() - before)
    if "pagerank" in METRICS:
        library.directed(ends)
    for metric in METRICS:
        body = getattr(library, metric, None)
        if metric == "build" or body is None or (metric in ("closeness", "betweenness") and SOURCES and LIBRARY == "rustworkx"):
            if metric != "build":
                tell(metric, missing=True)
            continue
        tell(metric, begun=True)
        try:
            seconds, result = best_of(body)
        except Exception as error:  # noqa: BLE001: what a peer cannot do is part of the result
            tell(metric, error=str(error)[:100])
            continue
        more = {}
        if isinstance(result, tuple):
            result, more = result
        if metric != "load" and "VALUES" in os.environ:
            np.asarray(result, dtype=np.float64).tofile(pathlib.Path(os.environ["VALUES"]) / f"{metric}.f64")
        tell(metric, seconds=seconds, **more)


main()
