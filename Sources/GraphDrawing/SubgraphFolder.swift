/// Chooses what a picture shows and counts the rest.
struct SubgraphFolder {
    /// Lines per symbol above which a picture becomes a hairball.
    private static let linksPerNodeMax = 4

    private let subgraph: Subgraph
    /// Distinct entities in rank order.
    private let ranked: [Subgraph.Node]
    /// Position in `ranked` by key.
    private let positions: [Int64: Int]
    /// Neighbours of each position, ascending, repeated for parallel relationships.
    private let neighbors: [[(position: Int, edgeCount: Int)]]
    private let focus: Set<Int64>

    init(_ subgraph: Subgraph) {
        self.subgraph = subgraph
        var focus = Set<Int64>()
        if let entity = subgraph.focusEntity { focus.insert(entity) }
        var anomalousEnds = Set<Int64>()
        for edge in subgraph.edges {
            if let key = subgraph.focusRelationship, edge.id == key {
                focus.formUnion([edge.source, edge.target])
            }
            if edge.isAnomalous { anomalousEnds.formUnion([edge.source, edge.target]) }
        }
        var known = Set<Int64>()
        let distinct = subgraph.nodes.filter { known.insert($0.id).inserted }
        self.focus = focus.intersection(known)
        let keyed = distinct.map { node in
            let tier = focus.contains(node.id) ? 0 : anomalousEnds.contains(node.id) ? 1 : 2
            return (tier: tier, score: node.boundedScore ?? -1, node: node)
        }
        ranked = keyed.sorted { left, right in
            if left.tier != right.tier { return left.tier < right.tier }
            if left.node.hop != right.node.hop { return left.node.hop < right.node.hop }
            if left.score != right.score { return left.score > right.score }
            return left.node.id < right.node.id
        }.map(\.node)
        let positions = Dictionary(
            uniqueKeysWithValues: ranked.enumerated().map { ($1.id, $0) })
        var neighbors: [[(position: Int, edgeCount: Int)]] = Array(
            repeating: [], count: ranked.count)
        for edge in subgraph.edges {
            guard let source = positions[edge.source], let target = positions[edge.target],
                source != target
            else { continue }
            neighbors[source].append((target, edge.count))
            neighbors[target].append((source, edge.count))
        }
        self.positions = positions
        self.neighbors = neighbors.map { $0.sorted { $0.position < $1.position } }
    }

    /// The subgraph in at most `nodeCountMax` symbols, groups included.
    func folded(nodeCountMax: Int) -> FoldedSubgraph {
        let symbolCountMax = max(2, nodeCountMax)
        guard ranked.count > symbolCountMax else {
            return result(drawn: Set(ranked.indices), groups: [])
        }
        // Coarser groups are tried only where finer ones leave no room for the focus and its
        // evidence.
        let least = max(1, min(focus.count, symbolCountMax - 1))
        for grain in Grain.allCases {
            var drawnCount = symbolCountMax - 1
            while drawnCount >= least {
                let groups = groups(drawnCount: drawnCount, grain: grain)
                let excess = drawnCount + groups.count - symbolCountMax
                if excess <= 0 { return result(drawnCount: drawnCount, groups) }
                drawnCount -= max(1, excess / 2)
            }
        }
        return result(drawnCount: least, groups(drawnCount: least, grain: .single))
    }

    /// A group of one takes as much room as its entity, so the entity is drawn instead.
    private func result(drawnCount: Int, _ groups: [MemberGroup]) -> FoldedSubgraph {
        let single = groups.filter { $0.members.count == 1 }.flatMap(\.members)
        let drawn = Set(0..<drawnCount).union(single)
        return result(drawn: drawn, groups: groups.filter { $0.members.count > 1 })
    }

    /// Positions of entities folded at one anchor.
    private struct MemberGroup {
        var anchor: Int?
        var type: String?
        var members: [Int]
    }

    private enum Grain: CaseIterable { case anchorAndType, anchor, single }

    private struct GroupKey: Hashable {
        var anchor: Int?
        var type: String?
    }

    private func groups(drawnCount: Int, grain: Grain) -> [MemberGroup] {
        let anchors = anchors(drawnCount: drawnCount)
        var members: [GroupKey: [Int]] = [:]
        for position in drawnCount..<ranked.count {
            let anchor = grain == .single ? 0 : anchors[position]
            let type = grain == .anchorAndType ? ranked[position].type : nil
            members[GroupKey(anchor: anchor, type: type), default: []].append(position)
        }
        return members.map { MemberGroup(anchor: $0.anchor, type: $0.type, members: $1) }.sorted {
            let (left, right) = ($0.anchor ?? Int.max, $1.anchor ?? Int.max)
            return left != right ? left < right : ($0.type ?? "") < ($1.type ?? "")
        }
    }

    /// For each entity the drawn one that it is nearest to; ties go to the higher rank.
    private func anchors(drawnCount: Int) -> [Int?] {
        var anchors: [Int?] = Array(repeating: nil, count: ranked.count)
        for position in 0..<drawnCount { anchors[position] = position }
        var queue = Array(0..<drawnCount)
        var head = 0
        while head < queue.count {
            let position = queue[head]
            head += 1
            for neighbor in neighbors[position] where anchors[neighbor.position] == nil {
                anchors[neighbor.position] = anchors[position]
                queue.append(neighbor.position)
            }
        }
        return anchors
    }

    private func result(drawn: Set<Int>, groups: [MemberGroup]) -> FoldedSubgraph {
        var inner = 0
        var stray = 0
        var merger = LinkMerger(focusRelationship: subgraph.focusRelationship)
        for edge in subgraph.edges {
            guard let source = positions[edge.source], let target = positions[edge.target] else {
                stray += edge.count
                continue
            }
            if drawn.contains(source) && drawn.contains(target) {
                merger.add(edge)
            } else {
                inner += edge.count
            }
        }
        let counted = groups.map(counted)
        let (links, hidden) = merger.links(
            countMax: max(Self.linksPerNodeMax * drawn.count, drawn.count + 20), focus: focus)
        return FoldedSubgraph(
            nodes: drawn.sorted().map { ranked[$0] }, groups: counted, links: links, focus: focus,
            totalNodeCount: ranked.count,
            totalEdgeCount: subgraph.edges.reduce(0) { $0 + $1.count },
            foldedEdgeCount: inner - counted.reduce(0) { $0 + $1.edgeCount },
            hiddenEdgeCount: hidden, strayEdgeCount: stray)
    }

    private func counted(_ group: MemberGroup) -> FoldedSubgraph.Group {
        let edgeCount = group.members.reduce(0) { sum, member in
            sum
                + neighbors[member].reduce(0) {
                    $0 + ($1.position == group.anchor ? $1.edgeCount : 0)
                }
        }
        return FoldedSubgraph.Group(
            anchor: group.anchor.map { ranked[$0].id }, type: group.type,
            memberCount: group.members.count, edgeCount: edgeCount)
    }
}
