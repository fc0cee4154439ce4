import Foundation
import GraphEngine
import Testing

@Suite("Random sequences of mutations")
struct RandomSequenceTests {
    /// Steps of all sequences together; `VIGIL_SEQUENCE_STEPS` asks for more.
    static let stepCount =
        ProcessInfo.processInfo.environment["VIGIL_SEQUENCE_STEPS"].flatMap(Int.init) ?? 100_000
    static let fullComparisonEvery = 1_000

    @Test("The engine equals the recomputation after every step", arguments: SequenceShape.all)
    func equalsRecomputation(shape: SequenceShape) throws {
        let mutations = shape.mutations(count: Self.stepCount / SequenceShape.all.count)
        guard let failure = Self.failure(of: mutations, compareEvery: Self.fullComparisonEvery)
        else { return }
        let minimal = minimalFailure(Array(mutations.prefix(failure.step))) {
            Self.failure(of: $0, compareEvery: .max) != nil
        }
        let last = Self.failure(of: minimal, compareEvery: .max) ?? failure
        Issue.record(
            """
            \(failure.reason) at step \(failure.step); the shortest sequence that fails:
            \(minimal.map(\.description).joined(separator: "\n"))
            \(last.reason)
            """)
    }

    @Test("A failing sequence is shortened to the steps that it needs")
    func shortening() {
        let mutations = SequenceShape.all[0].mutations(count: 3_000)
        let minimal = minimalFailure(mutations) { sequence in
            var nodes = 0
            for mutation in sequence {
                if case .insertNode = mutation { nodes += 1 }
                if case .removeNode = mutation, nodes >= 3 { return true }
            }
            return false
        }
        #expect(minimal.count == 4)
    }

    /// Where and how a sequence first disagrees; nil where it never does.
    static func failure(of mutations: [Mutation], compareEvery: Int) -> Mismatch? {
        var run = Run()
        for (index, mutation) in mutations.enumerated() {
            let step = index + 1
            do throws(Mismatch) {
                try run.apply(mutation)
                try run.compareCounts()
                if step % compareEvery == 0 || step == mutations.count { try run.compareAll() }
            } catch {
                return Mismatch(reason: error.reason, step: step)
            }
        }
        do throws(Mismatch) {
            for node in run.plain.nodes.sorted() { try run.apply(.removeNode(node)) }
            try run.compareAll()
        } catch {
            return Mismatch(reason: "at the end, \(error.reason)", step: mutations.count)
        }
        return nil
    }
}

/// How the engine disagrees with the plain graph.
struct Mismatch: Error {
    var reason: String
    var step = 0
}

private func check(
    _ condition: @autoclosure () -> Bool, _ reason: @autoclosure () -> String, line: Int = #line
) throws(Mismatch) {
    if !condition() { throw Mismatch(reason: "\(reason()), line \(line)") }
}

/// One sequence, applied to the engine and to the plain graph; `pairs` and `arcs` follow the reported
/// changes, and a frozen copy must stay what it was.
private struct Run {
    var graph = AdjacencyGraph()
    var plain = PlainGraph()
    var pairs: Set<[Int64]> = []
    var arcs: Set<[Int64]> = []
    var frozen = (graph: AdjacencyGraph(), plain: PlainGraph())

    mutating func apply(_ mutation: Mutation) throws(Mismatch) {
        switch mutation {
        case .insertNode(let node):
            graph.insertNode(NodeKey(node))
            plain.nodes.insert(node)
        case .removeNode(let node): try remove(node)
        case .removeEdge(let key):
            try follow(graph.removeEdge(EdgeKey(key)))
            plain.rows[key] = nil
        case .upsertEdge(let key, let row): try upsert(key, row)
        }
    }

    private mutating func remove(_ node: Int64) throws(Mismatch) {
        let index = graph.nodeIndex(of: NodeKey(node))
        let changes = graph.removeNode(NodeKey(node))
        let after = graph
        try follow(changes) { $0 == index ? node : after.nodeKey(at: $0).rawValue }
        try check(changes.simpleEdges.allSatisfy { !$0.appeared }, "a removal adds a pair")
        try check(changes.directedEdges.allSatisfy { !$0.appeared }, "a removal adds an arc")
        plain.removeNode(node)
    }

    private mutating func upsert(_ key: Int64, _ row: PlainGraph.Row) throws(Mismatch) {
        let isKnown = plain.nodes.contains(row.source) && plain.nodes.contains(row.target)
        let changes: GraphChanges
        do throws(GraphError) {
            changes = try graph.upsertEdge(
                EdgeKey(key), source: NodeKey(row.source), target: NodeKey(row.target),
                attributes: row.attributes)
        } catch {
            return try check(!isKnown, "refused: \(error)")
        }
        plain.rows[key] = row
        try check(isKnown, "an unknown end was accepted")
        try follow(changes)
    }

    private mutating func follow(_ changes: GraphChanges) throws(Mismatch) {
        let graph = graph
        try follow(changes) { graph.nodeKey(at: $0).rawValue }
    }

    private mutating func follow(
        _ changes: GraphChanges, key: (NodeIndex) -> Int64
    ) throws(Mismatch) {
        for change in changes.directedEdges {
            let arc = [key(change.source), key(change.target)]
            let isNews =
                change.appeared ? arcs.insert(arc).inserted : arcs.remove(arc) != nil
            try check(isNews, "arc \(arc) changes twice")
        }
        for change in changes.simpleEdges {
            let ends = [key(change.first), key(change.second)].sorted()
            let isNews =
                change.appeared ? pairs.insert(ends).inserted : pairs.remove(ends) != nil
            try check(isNews, "pair \(ends) changes twice")
        }
    }

    func compareCounts() throws(Mismatch) {
        try check(graph.nodeCount == plain.nodes.count, "\(graph.nodeCount) nodes")
        try check(graph.edgeCount == plain.rows.count, "\(graph.edgeCount) rows")
        try check(graph.simpleEdgeCount == pairs.count, "\(graph.simpleEdgeCount) pairs")
    }

    /// Compares everything that can be asked with what the plain graph says; so too for the copy that
    /// was frozen the last time, and for a graph loaded from the rows at once.
    mutating func compareAll() throws(Mismatch) {
        let active = plain.active
        let expectedPairs = Set(
            active.filter { $0.source != $0.target }.map { [$0.source, $0.target].sorted() })
        try check(pairs == expectedPairs, "the changes give other pairs")
        try check(arcs == Set(active.map { [$0.source, $0.target] }), "they give other arcs")
        try PlainComparison(graph: graph, plain: plain).compare()
        try PlainComparison(graph: frozen.graph, plain: frozen.plain).compare()
        frozen = (graph, plain)
        var loader = AdjacencyGraph.Loader()
        for node in plain.nodes { loader.insertNode(NodeKey(node)) }
        for (key, row) in plain.rows {
            do {
                try loader.upsertEdge(
                    EdgeKey(key), source: NodeKey(row.source), target: NodeKey(row.target),
                    attributes: row.attributes)
            } catch {
                throw Mismatch(reason: "the loader refuses: \(error)")
            }
        }
        let loaded = loader.finish(threadCount: 1 + plain.rows.count % 3)
        try PlainComparison(graph: loaded, plain: plain).compare()
    }
}

/// The engine beside the plain graph.
private struct PlainComparison {
    let graph: AdjacencyGraph
    let plain: PlainGraph

    func compare() throws(Mismatch) {
        let neighbors = plain.neighbors()
        let active = plain.active
        try check(graph.activeEdgeCount == active.count, "\(graph.activeEdgeCount) active rows")
        let outRows = active.reduce(into: [Int64: Int]()) { $0[$1.source, default: 0] += 1 }
        let inRows = active.reduce(into: [Int64: Int]()) { $0[$1.target, default: 0] += 1 }
        var incident: [Int64: [Int64]] = [:]
        for (key, row) in plain.rows {
            for node in Set([row.source, row.target]) { incident[node, default: []].append(key) }
        }
        for key in plain.nodes {
            guard let node = graph.nodeIndex(of: NodeKey(key)), graph.isLive(node) else {
                throw Mismatch(reason: "node \(key) is missing")
            }
            let expected = neighbors[key] ?? []
            let actual = graph.neighbors(of: node)
            try check(
                zip(actual, actual.dropFirst()).allSatisfy { $0 < $1 }, "neighbors of \(key)")
            try check(
                Set(actual.map { graph.nodeKey(at: $0).rawValue }) == expected,
                "neighbors of \(key)")
            var visited: [NodeIndex] = []
            graph.forEachNeighbor(of: node) {
                visited.append($0)
                return visited.count < 5
            }
            try check(visited == Array(actual.prefix(5)), "first neighbors of \(key)")
            try check(graph.degree(of: node) == expected.count, "degree of \(key)")
            let closed = expected.reduce(0) {
                $0 + expected.intersection(neighbors[$1] ?? []).count
            }
            try check(
                graph.triangleCount(of: node) == closed / 2,
                "\(graph.triangleCount(of: node)) triangles of \(key), not \(closed / 2)")
            try check(graph.outDegreeRows(of: node) == outRows[key] ?? 0, "rows out of \(key)")
            try check(graph.inDegreeRows(of: node) == inRows[key] ?? 0, "rows into \(key)")
            let keys = (incident[key] ?? []).sorted()
            let rows = graph.incidentEdges(of: node).map { graph.edge(at: $0) }
            try check(rows.map(\.key.rawValue).sorted() == keys, "rows of \(key)")
            let others = rows.map { $0.source == node ? $0.target : $0.source }
            try check(others == others.sorted(), "order of the rows of \(key)")
            let newest = graph.newestIncidentEdges(of: node, limit: 5)
            try check(
                newest.map { graph.edge(at: $0).key.rawValue } == keys.suffix(5),
                "newest rows of \(key)")
            if let other = others.first, other != node {
                let otherKey = graph.nodeKey(at: other).rawValue
                let count = active.count {
                    [$0.source, $0.target].sorted() == [key, otherKey].sorted()
                }
                try check(graph.multiplicity(node, other) == count, "rows \(key)-\(otherKey)")
                try check(
                    graph.areAdjacent(other, node) == (count > 0), "pair \(key)-\(otherKey)")
            }
        }
        for (key, row) in plain.rows {
            guard let index = graph.edgeIndex(of: EdgeKey(key)) else {
                throw Mismatch(reason: "row \(key) is missing")
            }
            let edge = graph.edge(at: index)
            try check(
                edge.key.rawValue == key && edge.attributes == row.attributes
                    && graph.nodeKey(at: edge.source).rawValue == row.source
                    && graph.nodeKey(at: edge.target).rawValue == row.target, "row \(key)")
        }
        try compareSnapshot(neighbors: neighbors, active: active)
    }

    private func compareSnapshot(
        neighbors: [Int64: Set<Int64>], active: [PlainGraph.Row]
    ) throws(Mismatch) {
        let snapshot = graph.makeSnapshot(threadCount: 1 + active.count % 2)
        let keys = plain.nodes.sorted { first, second in
            let degrees = (neighbors[first]?.count ?? 0, neighbors[second]?.count ?? 0)
            return (degrees.1, first) < (degrees.0, second)
        }
        try check(snapshot.nodeKeys.map(\.rawValue) == keys, "snapshot: nodes")
        try check(
            snapshot.inKeyOrder(snapshot.nodeKeys).map(\.rawValue) == keys.sorted(),
            "snapshot: order of keys")
        try check(snapshot.edgeCount == graph.simpleEdgeCount, "snapshot: pairs")
        var predecessors: [Int64: Set<Int64>] = [:]
        var successors: [Int64: Set<Int64>] = [:]
        for row in active {
            predecessors[row.target, default: []].insert(row.source)
            successors[row.source, default: []].insert(row.target)
        }
        for (position, key) in keys.enumerated() {
            try check(snapshot.position(of: NodeKey(key)) == position, "snapshot: \(key)")
            let list = snapshot.targets[row(snapshot.offsets, position)]
            try check(
                Set(list.map { keys[Int($0)] }) == neighbors[key] ?? []
                    && list.count == neighbors[key]?.count ?? 0
                    && list.elementsEqual(list.sorted()), "snapshot: neighbors of \(key)")
            let entering = snapshot.inSources[row(snapshot.inOffsets, position)]
            try check(
                Set(entering.map { keys[Int($0)] }) == predecessors[key] ?? []
                    && entering.count == predecessors[key]?.count ?? 0
                    && entering.elementsEqual(entering.sorted()), "snapshot: into \(key)")
            try check(
                Int(snapshot.outDegrees[position]) == successors[key]?.count ?? 0,
                "snapshot: out of \(key)")
        }
    }
}
