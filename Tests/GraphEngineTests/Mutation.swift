import AnomalyModels
import GraphEngine
import Testing

/// One step of a random sequence.
enum Mutation: Sendable, CustomStringConvertible {
    case insertNode(Int64)
    case removeNode(Int64)
    case removeEdge(Int64)
    case upsertEdge(Int64, PlainGraph.Row)

    var description: String {
        switch self {
        case .insertNode(let key): "insertNode(\(key))"
        case .removeNode(let key): "removeNode(\(key))"
        case .removeEdge(let key): "removeEdge(\(key))"
        case .upsertEdge(let key, let row):
            "upsertEdge(\(key), \(row.source) -> \(row.target)"
                + (row.attributes.isActive ? ")" : ", inactive)")
        }
    }
}

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
    /// The share of rows from a node to itself.
    var selfLoops = 0.0
    /// The distance of keys: 1 is an identity column, others are written out.
    var nodeKeyStep: Int64 = 1_000_003
    var edgeKeyStep: Int64 = 1
    var seed: UInt64

    var testDescription: String { "\(name), seed \(seed)" }

    static let all: [SequenceShape] = [
        SequenceShape(name: "sparse", nodeKeyCount: 300, edgeKeyCount: 500, seed: 1),
        SequenceShape(
            name: "identity columns", nodeKeyCount: 300, edgeKeyCount: 500, nodeKeyStep: 1, seed: 2),
        SequenceShape(
            name: "dense", nodeKeyCount: 25, edgeKeyCount: 400, removeNode: 0.004, nodeKeyStep: 1,
            seed: 3),
        SequenceShape(name: "many parallels", nodeKeyCount: 6, edgeKeyCount: 200, seed: 4),
        SequenceShape(
            name: "hub", nodeKeyCount: 400, edgeKeyCount: 900, removeNode: 0.005, removeEdge: 0.1,
            hub: 0.4, seed: 5),
        SequenceShape(
            name: "growing", nodeKeyCount: 2_000, edgeKeyCount: 8_000, insertNode: 0.3,
            removeNode: 0.001, removeEdge: 0.02, edgeKeyStep: -99_991, seed: 6),
        SequenceShape(
            name: "churning nodes", nodeKeyCount: 60, edgeKeyCount: 300, insertNode: 0.25,
            removeNode: 0.2, seed: 7),
        SequenceShape(
            name: "self-loops", nodeKeyCount: 40, edgeKeyCount: 300, selfLoops: 0.4,
            nodeKeyStep: 17, edgeKeyStep: 61, seed: 8),
        SequenceShape(
            name: "two hubs", nodeKeyCount: 500, edgeKeyCount: 3_000, removeNode: 0.001,
            removeEdge: 0.05, hub: 0.6, selfLoops: 0.02, nodeKeyStep: 1, seed: 9),
        SequenceShape(
            name: "keys far apart", nodeKeyCount: 200, edgeKeyCount: 600, insertNode: 0.1,
            nodeKeyStep: 1 << 40, edgeKeyStep: 1 << 33, seed: 10),
    ]

    /// The first steps of the sequence of this shape.
    func mutations(count: Int) -> [Mutation] {
        var generator = SeededRandom(seed: seed)
        func randomNode() -> Int64 {
            if Double.random(in: 0..<1, using: &generator) < hub { return 0 }
            return (.random(in: 0..<nodeKeyCount, using: &generator) - nodeKeyCount / 3)
                * nodeKeyStep
        }
        return (0..<count).map { _ in
            let choice = Double.random(in: 0..<1, using: &generator)
            let node = randomNode()
            if choice < insertNode { return .insertNode(node) }
            if choice < insertNode + removeNode { return .removeNode(node) }
            let key = Int64.random(in: 0..<edgeKeyCount, using: &generator) * edgeKeyStep
            if choice < insertNode + removeNode + removeEdge { return .removeEdge(key) }
            let isLoop = Double.random(in: 0..<1, using: &generator) < selfLoops
            var attributes = EdgeAttributes(
                typeCode: .random(in: 0..<9, using: &generator),
                weight: .random(in: -10...10, using: &generator),
                time: .random(in: 0...1e9, using: &generator).rounded())
            attributes.isActive = Int.random(in: 0..<5, using: &generator) > 0
            return .upsertEdge(
                key,
                PlainGraph.Row(
                    source: node, target: isLoop ? node : randomNode(), attributes: attributes))
        }
    }
}

/// A shortest part of a failing sequence that one finds by leaving steps out.
///
/// It fails, and does not without any one of its steps, unless the trials ran out before. After
/// A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", 2002,
/// doi:10.1109/32.988498.
func minimalFailure(
    _ mutations: [Mutation], trialsMax: Int = 5_000, fails: ([Mutation]) -> Bool
) -> [Mutation] {
    var minimal = mutations
    var length = max(1, minimal.count / 2)
    var trials = 0
    while true {
        var start = 0
        var hasShrunk = false
        while start < minimal.count, trials < trialsMax {
            trials += 1
            var candidate = minimal
            candidate.removeSubrange(start..<min(start + length, minimal.count))
            if fails(candidate) {
                minimal = candidate
                hasShrunk = true
            } else {
                start += length
            }
        }
        if length == 1, !hasShrunk || trials >= trialsMax { return minimal }
        length = max(1, length / 2)
    }
}
