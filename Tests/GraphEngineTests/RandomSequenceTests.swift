import AnomalyModels
import GraphEngine
import Testing

/// How a random sequence of mutations looks.
struct SequenceShape: Sendable, CustomTestStringConvertible {
    var name: String
    var nodeKeyCount: Int64
    var edgeKeyCount: Int64
    /// Shares of node inserts, node removals and edge removals; the rest are edge upserts.
    var insertNode = 0.06
    var removeNode = 0.02
    var removeEdge = 0.25
    /// The share of ends that are the node 0.
    var hub = 0.0
    var seed: UInt64

    var testDescription: String { "\(name), seed \(seed)" }

    static let all: [SequenceShape] = [
        SequenceShape(name: "sparse", nodeKeyCount: 300, edgeKeyCount: 500, seed: 1),
        SequenceShape(name: "sparse", nodeKeyCount: 300, edgeKeyCount: 500, seed: 2),
        SequenceShape(
            name: "dense", nodeKeyCount: 25, edgeKeyCount: 400, removeNode: 0.004, seed: 3),
        SequenceShape(name: "many parallels", nodeKeyCount: 6, edgeKeyCount: 200, seed: 4),
        SequenceShape(
            name: "hub", nodeKeyCount: 400, edgeKeyCount: 900, removeNode: 0.005, removeEdge: 0.1,
            hub: 0.4, seed: 5),
        SequenceShape(
            name: "growing", nodeKeyCount: 2_000, edgeKeyCount: 8_000, insertNode: 0.3,
            removeNode: 0.001, removeEdge: 0.02, seed: 6),
        SequenceShape(
            name: "churning nodes", nodeKeyCount: 60, edgeKeyCount: 300, insertNode: 0.25,
            removeNode: 0.2, seed: 7),
    ]
}

@Suite("Random sequences of mutations")
struct RandomSequenceTests {
    static let stepCount = 10_000
    static let fullComparisonEvery = 500

    @Test("The engine equals the recomputation after every step", arguments: SequenceShape.all)
    func equalsRecomputation(shape: SequenceShape) throws {
        var run = Run(shape: shape)
        for step in 1...Self.stepCount {
            try run.step()
            try #require(run.countsAgree, "counts at step \(step)")
            if step % Self.fullComparisonEvery == 0 { try run.compare(step: step) }
        }
        for node in run.plain.nodes.sorted() { try run.remove(node) }
        try run.compare(step: Self.stepCount + 1)
        #expect(run.graph.simpleEdgeCount == 0 && run.graph.edgeCount == 0)
    }
}

/// One sequence, applied to the engine and to the plain graph; `pairs` follows the reported changes.
private struct Run {
    let shape: SequenceShape
    var generator: SeededRandom
    var graph = AdjacencyGraph()
    var plain = PlainGraph()
    var pairs: Set<[Int64]> = []
    var arcs: Set<[Int64]> = []

    init(shape: SequenceShape) {
        self.shape = shape
        generator = SeededRandom(seed: shape.seed)
    }

    var countsAgree: Bool {
        graph.nodeCount == plain.nodes.count && graph.edgeCount == plain.rows.count
            && graph.simpleEdgeCount == pairs.count
    }

    mutating func step() throws {
        let choice = Double.random(in: 0..<1, using: &generator)
        let node = randomNode()
        if choice < shape.insertNode {
            graph.insertNode(NodeKey(node))
            plain.nodes.insert(node)
        } else if choice < shape.insertNode + shape.removeNode {
            try remove(node)
        } else if choice < shape.insertNode + shape.removeNode + shape.removeEdge {
            let key = Int64.random(in: 0..<shape.edgeKeyCount, using: &generator)
            try apply(graph.removeEdge(EdgeKey(key)))
            plain.rows[key] = nil
        } else {
            try upsert()
        }
    }

    mutating func remove(_ node: Int64) throws {
        let index = graph.nodeIndex(of: NodeKey(node))
        let changes = graph.removeNode(NodeKey(node))
        let after = graph
        try apply(changes) { $0 == index ? node : after.nodeKey(at: $0).rawValue }
        #expect(changes.simpleEdges.allSatisfy { !$0.appeared })
        #expect(changes.directedEdges.allSatisfy { !$0.appeared })
        plain.removeNode(node)
    }

    private mutating func upsert() throws {
        let key = Int64.random(in: 0..<shape.edgeKeyCount, using: &generator)
        let source = randomNode()
        let target = randomNode()
        var attributes = EdgeAttributes(
            typeCode: .random(in: 0..<9, using: &generator),
            weight: .random(in: -10...10, using: &generator),
            time: .random(in: 0...1e9, using: &generator))
        attributes.isActive = Int.random(in: 0..<5, using: &generator) > 0
        guard plain.nodes.contains(source), plain.nodes.contains(target) else {
            #expect(throws: GraphError.self) {
                try graph.upsertEdge(
                    EdgeKey(key), source: NodeKey(source), target: NodeKey(target),
                    attributes: attributes)
            }
            return
        }
        try apply(
            graph.upsertEdge(
                EdgeKey(key), source: NodeKey(source), target: NodeKey(target),
                attributes: attributes))
        plain.rows[key] = PlainGraph.Row(source: source, target: target, attributes: attributes)
    }

    private mutating func randomNode() -> Int64 {
        if Double.random(in: 0..<1, using: &generator) < shape.hub { return 0 }
        // Keys far apart and negative ones, so that no key is its own position.
        return Int64.random(in: 0..<shape.nodeKeyCount, using: &generator) * 1_000_003 - 5_000_000
    }

    private mutating func apply(_ changes: GraphChanges) throws {
        let graph = graph
        try apply(changes) { graph.nodeKey(at: $0).rawValue }
    }

    private mutating func apply(_ changes: GraphChanges, key: (NodeIndex) -> Int64) throws {
        for change in changes.directedEdges {
            let arc = [key(change.source), key(change.target)]
            if change.appeared {
                try #require(arcs.insert(arc).inserted)
            } else {
                try #require(arcs.remove(arc) != nil)
            }
        }
        for change in changes.simpleEdges {
            let first = key(change.first)
            let second = key(change.second)
            let pair = [min(first, second), max(first, second)]
            if change.appeared {
                try #require(pairs.insert(pair).inserted)
            } else {
                try #require(pairs.remove(pair) != nil)
            }
        }
    }

    /// Compares everything that can be asked with what the plain graph says.
    func compare(step: Int) throws {
        let neighbors = plain.neighbors()
        let active = plain.active
        try #require(graph.activeEdgeCount == active.count, "step \(step)")
        let expectedPairs = Set(
            active.filter { $0.source != $0.target }
                .map { [min($0.source, $0.target), max($0.source, $0.target)] })
        try #require(pairs == expectedPairs, "step \(step)")
        try #require(arcs == Set(active.map { [$0.source, $0.target] }), "step \(step)")
        for key in plain.nodes {
            let index = try #require(graph.nodeIndex(of: NodeKey(key)))
            try #require(graph.isLive(index))
            let expected = neighbors[key] ?? []
            let actual = graph.neighbors(of: index)
            try #require(zip(actual, actual.dropFirst()).allSatisfy { $0 < $1 })
            try #require(Set(actual.map { graph.nodeKey(at: $0).rawValue }) == expected)
            try #require(graph.degree(of: index) == expected.count)
            let closed = expected.map { expected.intersection(neighbors[$0] ?? []).count }
            try #require(graph.triangleCount(of: index) == closed.reduce(0, +) / 2)
            try #require(graph.outDegreeRows(of: index) == active.count { $0.source == key })
            try #require(graph.inDegreeRows(of: index) == active.count { $0.target == key })
            let rows = plain.rows.filter { $0.value.source == key || $0.value.target == key }
            let incident = graph.incidentEdges(of: index).map { graph.edge(at: $0).key.rawValue }
            try #require(incident.sorted() == rows.keys.sorted())
            let newest = graph.newestIncidentEdges(of: index, limit: 5)
            try #require(
                newest.map { graph.edge(at: $0).key.rawValue } == rows.keys.sorted().suffix(5))
        }
        for (key, row) in plain.rows {
            let index = try #require(graph.edgeIndex(of: EdgeKey(key)))
            let edge = graph.edge(at: index)
            try #require(edge.key.rawValue == key && edge.attributes == row.attributes)
            try #require(graph.nodeKey(at: edge.source).rawValue == row.source)
            try #require(graph.nodeKey(at: edge.target).rawValue == row.target)
        }
        try compareSnapshot(neighbors: neighbors, active: active)
    }

    private func compareSnapshot(neighbors: [Int64: Set<Int64>], active: [PlainGraph.Row]) throws {
        let snapshot = graph.makeSnapshot()
        let keys = plain.nodes.sorted { first, second in
            let degrees = (neighbors[first]?.count ?? 0, neighbors[second]?.count ?? 0)
            return (degrees.1, first) < (degrees.0, second)
        }
        try #require(snapshot.nodeKeys.map(\.rawValue) == keys)
        try #require(snapshot.inKeyOrder(snapshot.nodeKeys).map(\.rawValue) == keys.sorted())
        try #require(snapshot.edgeCount == graph.simpleEdgeCount)
        for (position, key) in keys.enumerated() {
            try #require(snapshot.position(of: NodeKey(key)) == position)
            let list = snapshot.targets[row(snapshot.offsets, position)]
            try #require(Set(list.map { keys[Int($0)] }) == neighbors[key] ?? [])
            try #require(
                list.count == neighbors[key]?.count ?? 0 && list.elementsEqual(list.sorted()))
            let entering = snapshot.inSources[row(snapshot.inOffsets, position)]
            let predecessors = Set(active.filter { $0.target == key }.map(\.source))
            try #require(Set(entering.map { keys[Int($0)] }) == predecessors)
            try #require(
                entering.count == predecessors.count && entering.elementsEqual(entering.sorted()))
            let successors = Set(active.filter { $0.source == key }.map(\.target))
            try #require(Int(snapshot.outDegrees[position]) == successors.count)
        }
    }
}
