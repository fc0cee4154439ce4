import GraphEngine
import Testing

@testable import GraphMetrics

/// One change of a graph's rows, by keys, so that a sequence without some of its parts still runs.
enum Mutation: CustomStringConvertible {
    case insertNode(Int64)
    case removeNode(Int64)
    /// Inserts, moves, turns round, activates or deactivates a row; unknown ends make it do nothing.
    case upsertEdge(Int64, source: Int64, target: Int64, isActive: Bool)
    case removeEdge(Int64)
    case finishBatch

    var description: String {
        switch self {
        case .insertNode(let key): ".insertNode(\(key))"
        case .removeNode(let key): ".removeNode(\(key))"
        case .upsertEdge(let key, let source, let target, let isActive):
            ".upsertEdge(\(key), source: \(source), target: \(target), isActive: \(isActive))"
        case .removeEdge(let key): ".removeEdge(\(key))"
        case .finishBatch: ".finishBatch"
        }
    }
}

/// A kind of sequence: which graph its changes hover around.
struct SequenceKind: Sendable, CustomTestStringConvertible {
    enum Ends: Sendable {
        case even
        /// Ends of rows that stand already, or any.
        case preferential
        /// A node and one of its four neighbors in a grid.
        case grid(width: Int)
        /// Node 0 and another one.
        case star
        /// Two nodes of one group of eight, or rarely any two.
        case groups
    }

    var name: String
    var ends: Ends
    var nodeKeyCount: Int
    var edgeKeyCount: Int
    /// The components' budget; a small one makes the fallback common.
    var edgeVisitsMax = DynamicComponents.edgeVisitsUsual

    var testDescription: String { name }

    static let all = [
        SequenceKind(name: "sparse", ends: .even, nodeKeyCount: 90, edgeKeyCount: 80),
        SequenceKind(name: "even", ends: .even, nodeKeyCount: 60, edgeKeyCount: 150),
        SequenceKind(name: "dense", ends: .even, nodeKeyCount: 24, edgeKeyCount: 300),
        SequenceKind(
            name: "power law", ends: .preferential, nodeKeyCount: 80, edgeKeyCount: 200),
        SequenceKind(
            name: "grid", ends: .grid(width: 9), nodeKeyCount: 81, edgeKeyCount: 170),
        SequenceKind(name: "star", ends: .star, nodeKeyCount: 60, edgeKeyCount: 90),
        SequenceKind(name: "groups", ends: .groups, nodeKeyCount: 64, edgeKeyCount: 140),
        SequenceKind(
            name: "groups, searches that give up", ends: .groups, nodeKeyCount: 64,
            edgeKeyCount: 120, edgeVisitsMax: 12),
    ]

    /// Draws a sequence: it fills the graph first, and then hovers.
    func sequence(count: Int, seed: UInt64) -> [Mutation] {
        var random = SplitMix64(state: seed)
        var sequence = (0..<min(nodeKeyCount, count)).map { Mutation.insertNode(key(of: $0)) }
        var recent: [(Int, Int)] = [(0, 1 % nodeKeyCount)]
        var growth = true
        while sequence.count < count {
            // Waves of growth and of decay, so that structure is built up and torn down.
            if random.below(400) == 0 { growth.toggle() }
            let choice = random.below(1000)
            let edge = Int64(random.below(edgeKeyCount))
            if choice < 50 {
                sequence.append(.finishBatch)
            } else if choice < 62 {
                // The hub of a star goes too, but not so often that there is none.
                let node = random.below(nodeKeyCount)
                guard node > 0 || random.below(4) == 0 else { continue }
                sequence.append(.removeNode(key(of: node)))
            } else if choice < 110 {
                sequence.append(.insertNode(key(of: random.below(nodeKeyCount))))
            } else if choice < (growth ? 300 : 750) {
                sequence.append(.removeEdge(edge))
            } else {
                let pair = draw(&random, recent)
                if recent.count < 64 {
                    recent.append(pair)
                } else {
                    recent[random.below(64)] = pair
                }
                sequence.append(
                    .upsertEdge(
                        edge, source: key(of: pair.0), target: key(of: pair.1),
                        isActive: random.below(8) > 0))
            }
        }
        return sequence
    }

    /// Keys in another order than positions, and negative ones too.
    private func key(of node: Int) -> Int64 { Int64((node * 37) % 101) * 1_000_003 - 20_000_000 }

    private func draw(_ random: inout SplitMix64, _ recent: [(Int, Int)]) -> (Int, Int) {
        let any = random.below(nodeKeyCount)
        let other = random.below(nodeKeyCount)
        let pair: (Int, Int)
        switch ends {
        case .even:
            pair = (any, other)
        case .preferential:
            let end = recent[random.below(recent.count)]
            pair = (random.below(3) > 0 ? end.0 : any, other)
        case .grid(let width):
            let steps = [1, width]
            pair = (any, min(any + steps[random.below(2)], nodeKeyCount - 1))
        case .star:
            pair = (random.below(6) > 0 ? 0 : any, other)
        case .groups:
            pair = (any, random.below(12) > 0 ? (any / 8 * 8 + other % 8) % nodeKeyCount : other)
        }
        return random.below(2) == 0 ? pair : (pair.1, pair.0)
    }
}

/// A graph and its kept metrics, driven by mutations and compared with recomputation.
struct SequenceRun {
    var graph = AdjacencyGraph()
    var metrics: IncrementalMetrics
    private var changes = GraphChanges()

    init(edgeVisitsMax: Int) {
        metrics = IncrementalMetrics(graph)
        metrics.components = DynamicComponents(edgeVisitsMax: edgeVisitsMax)
    }

    /// Runs a sequence and compares after every so many mutations and at its end.
    /// - Returns: What was wrong first, or nil.
    static func failure(
        of sequence: [Mutation], _ kind: SequenceKind, comparedEvery period: Int
    ) -> String? {
        var run = SequenceRun(edgeVisitsMax: kind.edgeVisitsMax)
        for (step, mutation) in sequence.enumerated() {
            run.apply(mutation)
            guard (step + 1) % period == 0 || step + 1 == sequence.count else { continue }
            run.metrics.finishBatch(run.graph)
            if let difference = run.difference() { return "after step \(step): \(difference)" }
        }
        return nil
    }

    mutating func apply(_ mutation: Mutation) {
        changes.removeAll()
        switch mutation {
        case .insertNode(let key):
            guard graph.nodeIndex(of: NodeKey(key)) == nil else { return }
            metrics.insertNode(graph.insertNode(NodeKey(key)), graph)
        case .removeNode(let key):
            guard let node = graph.nodeIndex(of: NodeKey(key)) else { return }
            graph.removeNode(NodeKey(key), changes: &changes)
            metrics.removeNode(node, changes, graph)
        case .upsertEdge(let key, let source, let target, let isActive):
            upsert(EdgeKey(key), NodeKey(source), NodeKey(target), isActive)
        case .removeEdge(let key):
            graph.removeEdge(EdgeKey(key), changes: &changes)
            metrics.apply(changes, graph)
        case .finishBatch:
            metrics.finishBatch(graph)
        }
    }

    private mutating func upsert(
        _ key: EdgeKey, _ source: NodeKey, _ target: NodeKey, _ isActive: Bool
    ) {
        guard let from = graph.nodeIndex(of: source), let into = graph.nodeIndex(of: target) else {
            return
        }
        if let row = graph.edgeIndex(of: key) {
            let old = graph.edge(at: row)
            if old.source != from || old.target != into {
                // A moved row is two mutations.
                graph.removeEdge(key, changes: &changes)
                metrics.apply(changes, graph)
                changes.removeAll()
            }
        }
        let attributes = EdgeAttributes(isActive: isActive)
        guard
            (try? graph.upsertEdge(
                key, source: source, target: target, attributes: attributes, changes: &changes))
                != nil
        else { return }
        metrics.apply(changes, graph)
    }

    /// What differs from recomputation, or nil.
    func difference() -> String? {
        let outcome = MetricAudit(seed: 0).full(metrics, graph)
        if let finding = outcome.findings.first { return "\(finding)" }
        let sampled = sampledDifference()
        if let sampled { return sampled }
        let labels = connectedComponents(graph.makeSnapshot())
        guard Set(labels).count == metrics.components.componentCount else {
            return "\(metrics.components.componentCount) components instead of \(Set(labels).count)"
        }
        return invariantFailure()
    }

    private func sampledDifference() -> String? {
        var audit = MetricAudit(seed: UInt64(graph.edgeCount))
        return audit.sample(8, of: metrics, graph).findings.first.map { "sampled: \($0)" }
    }

    /// The counts that the order of core numbers rests on.
    private func invariantFailure() -> String? {
        let cores = metrics.coreNumbers
        for node in 0..<NodeIndex(graph.nodeIndexBound) where graph.isLive(node) {
            let neighbors = graph.neighbors(of: node)
            let behind = neighbors.count { cores.precedes(node, $0) }
            let support = neighbors.count { cores.coreNumber(of: $0) >= cores.coreNumber(of: node) }
            let kept = cores.nodes[Int(node)]
            guard Int(kept.behind) == behind, behind <= Int(kept.core),
                Int(kept.support) == support, kept.candidatesBefore == 0, kept.flags == 0
            else { return "the order at node \(graph.nodeKey(at: node).rawValue): \(kept)" }
        }
        return nil
    }
}

/// Shrinks a failing list by delta debugging.
///
/// A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE
/// Transactions on Software Engineering 28 (2002), doi:10.1109/32.988498.
///
/// - Returns: A part of the list, in order, that still fails but does not without any one element.
func minimized<Element>(_ list: [Element], fails: ([Element]) -> Bool) -> [Element] {
    var list = list
    var pieceCount = 2
    while list.count > 1 {
        let size = (list.count + pieceCount - 1) / pieceCount
        var isSmaller = false
        var start = 0
        while start < list.count {
            var rest = list
            rest.removeSubrange(start..<min(start + size, list.count))
            if fails(rest) {
                list = rest
                isSmaller = true
            } else {
                start += size
            }
        }
        if isSmaller {
            pieceCount = max(2, pieceCount - 1)
        } else if size == 1 {
            break
        } else {
            pieceCount = min(list.count, pieceCount * 2)
        }
    }
    return list
}
