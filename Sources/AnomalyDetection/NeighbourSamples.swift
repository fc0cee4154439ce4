import GraphEngine

/// A bounded sample of the neighbours of each node with many relationships, kept under changes.
///
/// The sample are the neighbours whose keys hash lowest (bottom-k sampling: E. Cohen, H. Kaplan,
/// "Summarizing data using bottom-k sketches", PODC 2007, 10.1145/1281100.1281133), so it depends on
/// who the neighbours are and not on how they came. Kept or gathered anew, it is the same: what is
/// kept only saves hubs the walk over all their rows.
struct NeighbourSamples: Sendable {
    /// The most neighbours in a sample; a node with no more of them is never sampled.
    static let countMax = 32
    /// From so many rows on a node's sample is kept.
    static let rowsMin = 64

    private struct Member: Comparable {
        var hash: UInt64
        var node: NodeIndex

        static func < (first: Member, second: Member) -> Bool { first.hash < second.hash }
    }

    private var kept: [NodeIndex: [Member]] = [:]

    /// So many neighbours of a node at most, in no order that means anything.
    /// - Complexity: O(rows) up to ``rowsMin``, O(1) beyond.
    func sample(
        of node: NodeIndex, _ graph: AdjacencyGraph, limit: Int = countMax
    ) -> [NodeIndex] {
        if let members = kept[node] { return members.prefix(limit).map(\.node) }
        return graph.withNeighbors(of: node) { neighbours in
            neighbours.count <= limit
                ? Array(neighbours)
                : Self.lowest(neighbours, graph).prefix(limit).map(\.node)
        }
    }

    /// Hears of two nodes that met or parted, after the graph has changed.
    mutating func note(_ change: SimpleEdgeChange, _ graph: AdjacencyGraph) {
        for (node, other) in [(change.first, change.second), (change.second, change.first)] {
            change.appeared ? add(other, to: node, graph) : remove(other, from: node, graph)
        }
    }

    /// Begins with a node of a finished graph.
    mutating func begin(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        if graph.incidentEdgeCount(of: node) > Self.rowsMin { gather(node, graph) }
    }

    /// Forgets a node that is gone.
    mutating func forget(_ node: NodeIndex) { kept[node] = nil }

    private mutating func add(_ other: NodeIndex, to node: NodeIndex, _ graph: AdjacencyGraph) {
        guard kept[node] != nil else {
            if graph.incidentEdgeCount(of: node) > Self.rowsMin { gather(node, graph) }
            return
        }
        let member = Member(hash: Self.hash(graph.nodeKey(at: other)), node: other)
        // In place: no copy of the members.
        guard let place = kept[node]?.firstIndex(where: { $0 >= member }) ?? kept[node]?.endIndex,
            place < Self.countMax,
            place == kept[node]?.endIndex || kept[node]?[place].node != other
        else { return }
        kept[node]?.insert(member, at: place)
        if kept[node]?.count ?? 0 > Self.countMax { kept[node]?.removeLast() }
    }

    private mutating func remove(
        _ other: NodeIndex, from node: NodeIndex, _ graph: AdjacencyGraph
    ) {
        guard let place = kept[node]?.firstIndex(where: { $0.node == other }) else { return }
        if graph.incidentEdgeCount(of: node) <= Self.rowsMin {
            kept[node] = nil
        } else if graph.degree(of: node) >= Self.countMax {
            // Who is the next lowest only all the others know; a hub meets this rarely.
            gather(node, graph)
        } else {
            kept[node]?.remove(at: place)
        }
    }

    private mutating func gather(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        kept[node] = graph.withNeighbors(of: node) { Self.lowest($0, graph) }
    }

    private static func lowest(
        _ neighbours: UnsafeBufferPointer<NodeIndex>, _ graph: AdjacencyGraph
    ) -> [Member] {
        var members: [Member] = []
        members.reserveCapacity(countMax + 1)
        for node in neighbours {
            let member = Member(hash: hash(graph.nodeKey(at: node)), node: node)
            if members.count == countMax, let last = members.last, member >= last { continue }
            let place = members.firstIndex { $0 > member } ?? members.endIndex
            members.insert(member, at: place)
            if members.count > countMax { members.removeLast() }
        }
        return members
    }

    /// Mixes a key (the finalizer of SplitMix64); different keys have different hashes.
    private static func hash(_ key: NodeKey) -> UInt64 {
        var bits = UInt64(bitPattern: key.rawValue) &+ 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
