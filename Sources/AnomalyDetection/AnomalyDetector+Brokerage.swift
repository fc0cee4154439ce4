import GraphEngine

// Structural holes: R. S. Burt, "Structural Holes: The Social Structure of Competition", Harvard
// University Press 1992: who joins groups that nobody else joins is a broker. Ties that bridge far
// distances are rare and not weak: P. S. Park, J. E. Blumenstock, M. W. Macy, "The strength of
// long-range ties in population-scale social networks", Science 362 (2018), 10.1126/science.aau9735.
// Different here: a sample of the neighbours, steps instead of tie strengths, and hubs do not count
// as common ground, since everybody meets there.

/// How an entity stands between its neighbours.
struct Brokerage: Sendable {
    /// Two groups of its neighbours that are not joined without it.
    var first: [NodeIndex]
    var second: [NodeIndex]
    /// How many neighbours were looked at.
    var checkedCount: Int

    /// Pairs with one end in each of the two groups.
    var pairCount: Int { first.count * second.count }
}

extension AnomalyDetector {
    /// Below this degree there are no two groups worth the name.
    static let brokerageDegreeMin = 4

    /// The two groups that a node joins: once it is removed, neighbours are near each other where
    /// they are adjacent or share a neighbour that is no hub.
    ///
    /// Half of the neighbours looked at are those of the newest relationships, the others are spread
    /// over the rest by key. Nil below ``brokerageDegreeMin``.
    /// - Complexity: O(degree + bridgeNeighboursMax · bridgeHubDegree)
    func brokerage(of node: NodeIndex) -> Brokerage? {
        guard graph.degree(of: node) >= Self.brokerageDegreeMin else { return nil }
        let chosen = sampledNeighbours(of: node)
        let groups = groups(of: chosen, without: node)
        return Brokerage(
            first: groups.first, second: groups.second, checkedCount: chosen.count)
    }

    private func sampledNeighbours(of node: NodeIndex) -> [NodeIndex] {
        let limit = min(max(2, settings.bridgeNeighboursMax), UInt64.bitWidth)
        var newest: [(time: Double, key: EdgeKey, other: NodeIndex)] = []
        graph.withIncidentEdges(of: node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                let time = edge.attributes.time
                guard edge.attributes.isActive, edge.source != edge.target, !time.isNaN else {
                    continue
                }
                if newest.count == limit / 2, let oldest = newest.last {
                    guard (time, edge.key) > (oldest.time, oldest.key) else { continue }
                    newest.removeLast()
                }
                let place =
                    newest.firstIndex { ($0.time, $0.key) < (time, edge.key) } ?? newest.endIndex
                let other = edge.source == node ? edge.target : edge.source
                newest.insert((time, edge.key, other), at: place)
            }
        }
        var chosen: [NodeIndex] = []
        for row in newest where !chosen.contains(row.other) { chosen.append(row.other) }
        return graph.withNeighbors(of: node) { neighbours in
            let others = neighbours.filter { !chosen.contains($0) }
                .sorted { graph.nodeKey(at: $0) < graph.nodeKey(at: $1) }
            let wanted = min(limit - chosen.count, others.count)
            for place in 0..<max(0, wanted) {
                chosen.append(others[place * others.count / wanted])
            }
            return chosen
        }
    }

    /// The two groups with the most pairs between them.
    ///
    /// They are what is near one neighbour and not near another, and the other way round: a single
    /// link between two groups does not make them one.
    private func groups(
        of chosen: [NodeIndex], without node: NodeIndex
    ) -> (first: [NodeIndex], second: [NodeIndex]) {
        let hubDegree = settings.bridgeHubDegree
        // Which of the chosen reach a node, one bit each.
        var reached: [NodeIndex: UInt64] = [:]
        for (place, start) in chosen.enumerated() { reached[start] = 1 << UInt64(place) }
        for (place, start) in chosen.enumerated() where graph.degree(of: start) <= hubDegree {
            graph.withNeighbors(of: start) { neighbours in
                for neighbour in neighbours where neighbour != node {
                    if graph.degree(of: neighbour) > hubDegree, reached[neighbour] == nil {
                        continue
                    }
                    reached[neighbour, default: 0] |= 1 << UInt64(place)
                }
            }
        }
        var near = chosen.indices.map { UInt64(1) << UInt64($0) }
        for mask in reached.values where mask.nonzeroBitCount > 1 {
            for place in chosen.indices where mask & (1 << UInt64(place)) != 0 {
                near[place] |= mask
            }
        }
        var groups: (first: UInt64, second: UInt64) = (0, 0)
        var pairCountMax = 0
        for one in chosen.indices {
            for other in chosen.indices where other > one && near[one] & (1 << UInt64(other)) == 0 {
                let first = near[one] & ~near[other]
                let second = near[other] & ~near[one]
                let pairCount = first.nonzeroBitCount * second.nonzeroBitCount
                if pairCount > pairCountMax {
                    pairCountMax = pairCount
                    groups = (first, second)
                }
            }
        }
        func members(_ group: UInt64) -> [NodeIndex] {
            chosen.indices.filter { group & (1 << UInt64($0)) != 0 }.map { chosen[$0] }
        }
        return (members(groups.first), members(groups.second))
    }
}
