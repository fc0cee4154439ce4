import GraphEngine
import GraphMetrics
import Testing

@Suite("Articulation points and bridges")
struct ConnectivityTests {
    @Test(
        "They are what increases the number of components by its removal", arguments: GraphShape.all
    )
    func equalsDefinition(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let found = Biconnectivity(graph)
        let plain = PlainComponents(shape)
        let whole = plain.count(without: nil, edge: nil)
        let points = graph.inKeyOrder(found.isArticulationPoint)
        for node in 0..<shape.nodeCount {
            // A node alone takes its own component with it.
            let increases = plain.count(without: node, edge: nil) > whole
            try #require(points[node] == increases, "node \(node)")
        }
        let bridges = Set(found.bridges.map { keys($0, in: graph) })
        #expect(bridges.count == found.bridges.count)
        for edge in plain.edges {
            let increases = plain.count(without: nil, edge: edge) > whole
            try #require(bridges.contains(edge) == increases, "edge \(edge)")
        }
        #expect(bridges.isSubset(of: plain.edges))
        #expect(articulationPoints(graph) == found.isArticulationPoint)
        #expect(GraphMetrics.bridges(graph) == found.bridges)
    }

    @Test("Each inner node of a path of a million nodes separates it")
    func longPath() {
        let count: Int32 = 1_000_000
        let graph = GraphSnapshot(
            keys: (0..<Int64(count)).map { NodeKey($0) }, sources: Array(0..<count - 1),
            targets: Array(1..<count))
        let found = Biconnectivity(graph)
        #expect(found.bridges.count == Int(count) - 1)
        #expect(found.biconnectedComponentCount == Int(count) - 1)
        #expect(found.isArticulationPoint.filter { $0 }.count == Int(count) - 2)
    }

    @Test("A cycle has neither; a star's center separates, and each of its edges is a bridge")
    func closedForms() throws {
        let cycle = Biconnectivity(try TestGraphs.snapshot(30, TestGraphs.path(30) + [(29, 0)]))
        #expect(cycle.bridges.isEmpty && cycle.biconnectedComponentCount == 1)
        #expect(!cycle.isArticulationPoint.contains(true))
        let star = Biconnectivity(try TestGraphs.snapshot(9, TestGraphs.star(8)))
        #expect(star.isArticulationPoint == [true] + [Bool](repeating: false, count: 8))
        #expect(star.bridges == (1...8).map { NodePair(0, $0) })
        let edges = TestGraphs.clique(4) + [(3, 4)] + TestGraphs.clique(4).map { ($0 + 4, $1 + 4) }
        let graph = try TestGraphs.snapshot(8, edges)
        let joined = Biconnectivity(graph)
        #expect(joined.bridges.map { keys($0, in: graph) } == [[3, 4]])
        #expect(joined.biconnectedComponentCount == 3)
        #expect(
            graph.inKeyOrder(joined.isArticulationPoint)
                == [false, false, false, true, true, false, false, false])
    }

    @Test("Named graphs have NetworkX's articulation points and bridges")
    func published() throws {
        try expectConnectivity(
            of: .karateClub, points: [0], bridges: [[0, 11]], componentCount: 3)
        try expectConnectivity(
            of: .florentineFamilies, points: [1, 8, 9, 12],
            bridges: [[0, 1], [1, 9], [8, 13], [9, 10], [12, 14]], componentCount: 6)
    }

    private func expectConnectivity(
        of named: NamedGraph, points: Set<Int>, bridges: Set<[Int]>, componentCount: Int
    ) throws {
        let graph = try TestGraphs.snapshot(named.nodeCount, named.edges)
        let found = Biconnectivity(graph)
        let isPoint = graph.inKeyOrder(found.isArticulationPoint)
        #expect(Set(isPoint.indices.filter { isPoint[$0] }) == points)
        #expect(Set(found.bridges.map { keys($0, in: graph) }) == bridges)
        #expect(found.biconnectedComponentCount == componentCount)
    }

    private func keys(_ pair: NodePair, in graph: GraphSnapshot) -> [Int] {
        [pair.first, pair.second].map { Int(graph.nodeKeys[Int($0)].rawValue) }.sorted()
    }
}

/// Components by repeated search, with a node or an edge left out.
private struct PlainComponents {
    let nodeCount: Int
    let edges: Set<[Int]>

    init(_ shape: GraphShape) {
        nodeCount = shape.nodeCount
        edges = Set(shape.edges.filter { $0.0 != $0.1 }.map { [$0.0, $0.1].sorted() })
    }

    func count(without node: Int?, edge left: [Int]?) -> Int {
        var labels = Array(0..<nodeCount)
        for edge in edges where edge != left && !edge.contains(node ?? -1) {
            let (old, new) = (labels[edge[0]], labels[edge[1]])
            for index in labels.indices where labels[index] == old { labels[index] = new }
        }
        return Set(labels.indices.filter { $0 != node }.map { labels[$0] }).count
    }
}
