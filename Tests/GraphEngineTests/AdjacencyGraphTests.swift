import AnomalyModels
import GraphEngine
import Testing

@Suite("Adjacency graph")
struct AdjacencyGraphTests {
    @Test("An empty graph has nothing and answers every question")
    func empty() {
        var graph = AdjacencyGraph()
        #expect(graph.nodeCount == 0 && graph.edgeCount == 0 && graph.simpleEdgeCount == 0)
        #expect(graph.nodeIndex(of: NodeKey(1)) == nil)
        #expect(graph.edgeIndex(of: EdgeKey(1)) == nil)
        #expect(graph.removeNode(NodeKey(1)).isEmpty)
        #expect(graph.removeEdge(EdgeKey(1)).isEmpty)
        #expect(graph.isLive(0) == false)
        #expect(graph.makeSnapshot().offsets == [0])
    }

    @Test("An edge with an unknown end is refused and changes nothing")
    func unknownEnd() {
        var graph = AdjacencyGraph()
        graph.insertNode(NodeKey(1))
        #expect(throws: GraphError.unknownNode(NodeKey(2))) {
            try graph.upsertEdge(
                EdgeKey(1), source: NodeKey(1), target: NodeKey(2), attributes: EdgeAttributes())
        }
        #expect(graph.edgeCount == 0)
        #expect(graph.edgeIndex(of: EdgeKey(1)) == nil)
    }

    @Test("An edge row keeps its attributes to the bit")
    func attributes() throws {
        var graph = try graphOf(nodes: [10, -20], rows: [])
        let attributes = EdgeAttributes(
            typeCode: 7, weight: -0.1, confidence: 0.3, time: 1_700_000_000.123456)
        try graph.upsertEdge(
            EdgeKey(5), source: NodeKey(10), target: NodeKey(-20), attributes: attributes)
        let index = try #require(graph.edgeIndex(of: EdgeKey(5)))
        let edge = graph.edge(at: index)
        #expect(edge.attributes == attributes)
        #expect(graph.nodeKey(at: edge.source) == NodeKey(10))
        #expect(graph.nodeKey(at: edge.target) == NodeKey(-20))
    }

    @Test("Missing values stay missing")
    func missingAttributes() throws {
        let graph = try graphOf(nodes: [1, 2], rows: [(1, 2)])
        let edge = graph.edge(at: 0)
        #expect(edge.attributes.weight.isNaN && edge.attributes.time.isNaN)
        #expect(edge.attributes == EdgeAttributes())
    }

    @Test("A parallel edge's deletion does not break the adjacency")
    func parallelEdges() throws {
        var graph = try graphOf(nodes: [1, 2], rows: [(1, 2), (2, 1), (1, 2)])
        let first = try #require(graph.nodeIndex(of: NodeKey(1)))
        let second = try #require(graph.nodeIndex(of: NodeKey(2)))
        #expect(graph.degree(of: first) == 1)
        #expect(graph.multiplicity(first, second) == 3)
        #expect(graph.outDegreeRows(of: first) == 2 && graph.inDegreeRows(of: first) == 1)
        #expect(graph.removeEdge(EdgeKey(0)).isEmpty)
        let last = DirectedEdgeChange(source: first, target: second, appeared: false)
        let afterLast = graph.removeEdge(EdgeKey(2))
        #expect(afterLast.simpleEdges.isEmpty && afterLast.directedEdges == [last])
        #expect(graph.areAdjacent(first, second))
        #expect(
            graph.removeEdge(EdgeKey(1)).simpleEdges == [
                SimpleEdgeChange(first: first, second: second, appeared: false)
            ])
        #expect(!graph.areAdjacent(first, second))
    }

    @Test("A self-loop is a row and no neighbor")
    func selfLoop() throws {
        var graph = try graphOf(nodes: [1, 2], rows: [(1, 1), (1, 2)])
        let node = try #require(graph.nodeIndex(of: NodeKey(1)))
        #expect(graph.degree(of: node) == 1)
        #expect(graph.incidentEdges(of: node).count == 2)
        #expect(graph.outDegreeRows(of: node) == 2 && graph.inDegreeRows(of: node) == 1)
        #expect(graph.removeNode(NodeKey(1)).simpleEdges.count == 1)
        #expect(graph.edgeCount == 0 && graph.activeEdgeCount == 0)
    }

    @Test("A row that becomes inactive leaves the simple graph and stays a row")
    func inactiveRow() throws {
        var graph = try graphOf(nodes: [1, 2, 3], rows: [(1, 2), (2, 3), (3, 1)])
        // Small keys are their own positions: the first block of 64.
        let pair = SimpleEdgeChange(first: 1, second: 2, appeared: false)
        let off = try graph.upsertEdge(
            EdgeKey(0), source: NodeKey(1), target: NodeKey(2),
            attributes: EdgeAttributes(isActive: false))
        #expect(off.simpleEdges == [pair])
        #expect(graph.edgeCount == 3 && graph.activeEdgeCount == 2)
        #expect(graph.triangleCount(of: 3) == 0)
        #expect(graph.incidentEdges(of: 1).count == 2)
        let on = try graph.upsertEdge(
            EdgeKey(0), source: NodeKey(1), target: NodeKey(2), attributes: EdgeAttributes())
        #expect(on.simpleEdges == [SimpleEdgeChange(first: 1, second: 2, appeared: true)])
        #expect((1...3).map { graph.triangleCount(of: $0) } == [1, 1, 1])
    }

    @Test("A row that moves its end is one pair less and one pair more")
    func movedRow() throws {
        var graph = try graphOf(nodes: [1, 2, 3], rows: [(1, 2)])
        let changes = try graph.upsertEdge(
            EdgeKey(0), source: NodeKey(1), target: NodeKey(3), attributes: EdgeAttributes())
        #expect(
            changes.simpleEdges == [
                SimpleEdgeChange(first: 1, second: 2, appeared: false),
                SimpleEdgeChange(first: 1, second: 3, appeared: true),
            ])
        #expect(graph.incidentEdges(of: 2).isEmpty && graph.incidentEdges(of: 3) == [0])
    }

    @Test("A row that is turned around changes directions alone")
    func turnedRow() throws {
        var graph = try graphOf(nodes: [1, 2], rows: [(1, 2)])
        let changes = try graph.upsertEdge(
            EdgeKey(0), source: NodeKey(2), target: NodeKey(1), attributes: EdgeAttributes())
        #expect(
            changes.directedEdges == [
                DirectedEdgeChange(source: 1, target: 2, appeared: false),
                DirectedEdgeChange(source: 2, target: 1, appeared: true),
            ])
        #expect(graph.degree(of: 1) == 1 && graph.multiplicity(1, 2) == 1)
        #expect(graph.outDegreeRows(of: 1) == 0 && graph.inDegreeRows(of: 1) == 1)
        #expect(graph.makeSnapshot().inSources == [1])
    }

    @Test("Freed positions are used again, and a deleted key may come back")
    func reuse() throws {
        var graph = try graphOf(nodes: [1, 2, 3], rows: [(1, 2), (2, 3)])
        #expect(graph.removeNode(NodeKey(2)).simpleEdges.count == 2)
        #expect(!graph.isLive(2) && graph.nodeCount == 2 && graph.edgeCount == 0)
        #expect(graph.insertNode(NodeKey(2)) == 2)
        #expect(graph.degree(of: 2) == 0 && graph.incidentEdges(of: 2).isEmpty)
        for row in [(0, 1, 2), (1, 2, 3)] as [(Int64, Int64, Int64)] {
            try graph.upsertEdge(
                EdgeKey(row.0), source: NodeKey(row.1), target: NodeKey(row.2),
                attributes: EdgeAttributes())
        }
        #expect(graph.nodeIndexBound == 64 && graph.edgeIndexBound == 64)
    }

    @Test("A copy is not touched by changes to the original")
    func valueSemantics() throws {
        var graph = try graphOf(nodes: [1, 2], rows: [(1, 2)])
        let copy = graph
        graph.removeNode(NodeKey(2))
        #expect(copy.nodeCount == 2 && copy.areAdjacent(1, 2))
    }

    @Test(
        "Incident rows ascend by neighbor and then by position; the newest are those of large keys")
    func incidentOrder() throws {
        var graph = try graphOf(nodes: [1, 2, 3], rows: [])
        for key in [9, 3, 7, 1, 8] as [Int64] {
            try graph.upsertEdge(
                EdgeKey(key), source: NodeKey(1), target: NodeKey(key % 2 == 0 ? 2 : 3),
                attributes: EdgeAttributes())
        }
        let keys = graph.incidentEdges(of: 1).map { graph.edge(at: $0).key.rawValue }
        #expect(keys == [8, 1, 3, 7, 9])
        for limit in 0...6 {
            let newest = graph.newestIncidentEdges(of: 1, limit: limit)
            #expect(
                newest.map { graph.edge(at: $0).key.rawValue } == [1, 3, 7, 8, 9].suffix(limit))
        }
    }

    @Test("A hub with 100,000 neighbors is built and taken apart")
    func hub() throws {
        var graph = AdjacencyGraph()
        let leafCount: Int64 = 100_000
        graph.insertNode(NodeKey(0))
        for leaf in 1...leafCount {
            graph.insertNode(NodeKey(leaf))
            try graph.upsertEdge(
                EdgeKey(leaf), source: NodeKey(0), target: NodeKey(leaf),
                attributes: EdgeAttributes())
        }
        #expect(graph.degree(of: 0) == Int(leafCount))
        try graph.upsertEdge(
            EdgeKey(0), source: NodeKey(1), target: NodeKey(2), attributes: EdgeAttributes())
        #expect(graph.triangleCount(of: 0) == 1 && graph.triangleCount(of: 1) == 1)
        #expect(graph.commonNeighbors(1, 2) == [0])
        let newest = graph.newestIncidentEdges(of: 0, limit: 400)
        #expect(newest.map { graph.edge(at: $0).key.rawValue } == Array(99_601...100_000))
        for leaf in 1...100 { graph.removeEdge(EdgeKey(Int64(leaf) * 7)) }
        #expect(graph.degree(of: 0) == Int(leafCount) - 100)
        #expect(graph.removeNode(NodeKey(0)).simpleEdges.count == Int(leafCount) - 100)
        #expect(graph.simpleEdgeCount == 1 && graph.triangleCount(of: 1) == 0)
    }

    @Test(
        "The memory estimate is within a tenth of what a loaded graph holds", arguments: [2, 5, 16])
    func memoryEstimate(degree: Int64) throws {
        var loader = AdjacencyGraph.Loader()
        let nodeCount: Int64 = 40_000
        for node in 0..<nodeCount { loader.insertNode(NodeKey(node)) }
        var generator = SeededRandom(seed: 5)
        for key in 0..<nodeCount * degree {
            try loader.upsertEdge(
                EdgeKey(key), source: NodeKey(.random(in: 0..<nodeCount, using: &generator)),
                target: NodeKey(.random(in: 0..<nodeCount, using: &generator)),
                attributes: EdgeAttributes(
                    weight: Double(Int.random(in: 0..<100_000, using: &generator)) / 100,
                    confidence: Double(Int.random(in: 0...100, using: &generator)) / 100,
                    time: 1.7e9 + Double(Int.random(in: 0..<90_000_000, using: &generator))))
        }
        let estimate = AdjacencyGraph.estimatedByteCount(
            nodeCount: Int(nodeCount), edgeCount: Int(nodeCount * degree), valueByteCount: 8)
        let byteCount = loader.finish().byteCount
        #expect(abs(Double(estimate) / Double(byteCount) - 1) < 0.1, "\(estimate), \(byteCount)")
    }

    /// A graph whose rows get the keys 0, 1, ...
    private func graphOf(nodes: [Int64], rows: [(Int64, Int64)]) throws -> AdjacencyGraph {
        var graph = AdjacencyGraph()
        for node in nodes { graph.insertNode(NodeKey(node)) }
        for (key, row) in rows.enumerated() {
            try graph.upsertEdge(
                EdgeKey(Int64(key)), source: NodeKey(row.0), target: NodeKey(row.1),
                attributes: EdgeAttributes())
        }
        return graph
    }
}
