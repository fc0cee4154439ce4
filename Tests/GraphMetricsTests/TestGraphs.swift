import GraphEngine
import Testing

/// Graphs for the tests of metrics; node keys are positions.
enum TestGraphs {
    /// Freezes the graph of directed rows over the nodes 0..<nodeCount.
    static func snapshot(_ nodeCount: Int, _ edges: [(Int, Int)]) throws -> GraphSnapshot {
        try graph(nodeCount, edges).makeSnapshot()
    }

    static func graph(_ nodeCount: Int, _ edges: [(Int, Int)]) throws -> AdjacencyGraph {
        var graph = AdjacencyGraph()
        var changes = GraphChanges()
        for node in 0..<nodeCount { graph.insertNode(NodeKey(Int64(node))) }
        for (key, edge) in edges.enumerated() {
            try graph.upsertEdge(
                EdgeKey(Int64(key)), source: NodeKey(Int64(edge.0)),
                target: NodeKey(Int64(edge.1)), attributes: EdgeAttributes(),
                changes: &changes)
        }
        return graph
    }

    static func path(_ nodeCount: Int) -> [(Int, Int)] {
        (1..<nodeCount).map { ($0 - 1, $0) }
    }

    static func star(_ leafCount: Int) -> [(Int, Int)] { (1...leafCount).map { (0, $0) } }

    static func clique(_ nodeCount: Int) -> [(Int, Int)] {
        (0..<nodeCount).flatMap { first in
            (first + 1..<nodeCount).map { (first, $0) }
        }
    }
}

/// A kind of random graph.
struct GraphShape: Sendable, CustomTestStringConvertible {
    var name: String
    var nodeCount: Int
    var edges: [(Int, Int)]

    var testDescription: String { name }

    static let all: [GraphShape] =
        ([1, 2] as [UInt64]).flatMap { seed in
            [
                random("sparse", 60, 45, seed: seed), random("even", 50, 120, seed: seed),
                random("dense", 30, 300, seed: seed), powerLaw(120, seed: seed),
            ]
        } + [
            GraphShape(name: "empty", nodeCount: 0, edges: []),
            GraphShape(name: "one node", nodeCount: 1, edges: []),
            GraphShape(name: "one node with a loop", nodeCount: 1, edges: [(0, 0)]),
            GraphShape(name: "two nodes", nodeCount: 2, edges: [(1, 0)]),
            GraphShape(name: "no edges", nodeCount: 7, edges: []),
            GraphShape(name: "path", nodeCount: 70, edges: TestGraphs.path(70)),
            GraphShape(name: "star", nodeCount: 41, edges: TestGraphs.star(40)),
            GraphShape(name: "clique", nodeCount: 12, edges: TestGraphs.clique(12)),
            GraphShape(
                name: "loops and parallels", nodeCount: 5,
                edges: [(0, 0), (0, 1), (1, 0), (0, 1), (1, 2), (2, 2), (3, 3), (2, 4), (4, 1)]),
            grid(9, 8),
        ]

    static func random(
        _ name: String, _ nodeCount: Int, _ edgeCount: Int, seed: UInt64
    ) -> GraphShape {
        var random = TestRandom(seed: seed)
        let edges = (0..<edgeCount).map { _ in (random.below(nodeCount), random.below(nodeCount)) }
        return GraphShape(name: "\(name), seed \(seed)", nodeCount: nodeCount, edges: edges)
    }

    /// Every new node chooses three ends of edges that stand already.
    static func powerLaw(_ nodeCount: Int, seed: UInt64) -> GraphShape {
        var random = TestRandom(seed: seed)
        var edges = [(0, 1), (1, 2), (2, 0)]
        for node in 3..<nodeCount {
            for _ in 0..<3 {
                let edge = edges[random.below(edges.count)]
                edges.append((node, random.below(2) == 0 ? edge.0 : edge.1))
            }
        }
        return GraphShape(name: "power law, seed \(seed)", nodeCount: nodeCount, edges: edges)
    }

    static func grid(_ width: Int, _ height: Int) -> GraphShape {
        var edges: [(Int, Int)] = []
        for row in 0..<height {
            for column in 0..<width {
                let node = row * width + column
                if column + 1 < width { edges.append((node, node + 1)) }
                if row + 1 < height { edges.append((node, node + width)) }
            }
        }
        return GraphShape(name: "grid", nodeCount: width * height, edges: edges)
    }
}

/// A linear congruential generator of which the upper bits are used; enough to draw test graphs.
struct TestRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
