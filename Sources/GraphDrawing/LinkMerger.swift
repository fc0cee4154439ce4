/// Gathers parallel relationships into one line each.
struct LinkMerger {
    private struct Key: Hashable {
        var first: Int64
        var second: Int64
        var type: String
    }

    private let focusRelationship: Int64?
    private var links: [Key: FoldedSubgraph.Link] = [:]

    init(focusRelationship: Int64?) {
        self.focusRelationship = focusRelationship
    }

    /// Counts one relationship in.
    mutating func add(_ edge: Subgraph.Edge) {
        let key = Key(
            first: min(edge.source, edge.target), second: max(edge.source, edge.target),
            type: edge.type)
        let isAnomalous = edge.isAnomalous || edge.id == focusRelationship
        let reasons = isAnomalous ? [edge.reason].compactMap { $0 } : []
        guard var link = links[key] else {
            links[key] = FoldedSubgraph.Link(
                id: edge.id, source: edge.source, target: edge.target, type: edge.type,
                edgeCount: edge.count, isMutual: false, isAnomalous: isAnomalous, reasons: reasons)
            return
        }
        // The line points the way of its anomalous part where it has one, else of its smallest key.
        let leads = isAnomalous == link.isAnomalous ? edge.id < link.id : isAnomalous
        if edge.source != link.source { link.isMutual = true }
        if leads {
            link.source = edge.source
            link.target = edge.target
        }
        link.id =
            isAnomalous == link.isAnomalous ? min(link.id, edge.id) : leads ? edge.id : link.id
        link.edgeCount += edge.count
        link.isAnomalous = link.isAnomalous || isAnomalous
        for reason in reasons where !link.reasons.contains(reason) { link.reasons.append(reason) }
        links[key] = link
    }

    /// At most `countMax` lines in a fixed order, and how many relationships the others stand for.
    ///
    /// Anomalous lines and those at the focus come first, then one line for each pair of entities.
    func links(
        countMax: Int, focus: Set<Int64>
    ) -> (kept: [FoldedSubgraph.Link], hiddenEdgeCount: Int) {
        var pairs = Set<[Int64]>()
        let ordered = links.values.sorted { $0.id != $1.id ? $0.id < $1.id : $0.type < $1.type }
        let ranked = ordered.map { link in
            let isFirst = pairs.insert([
                min(link.source, link.target), max(link.source, link.target),
            ]).inserted
            let touchesFocus = focus.contains(link.source) || focus.contains(link.target)
            return (rank: link.isAnomalous ? 0 : touchesFocus ? 1 : isFirst ? 2 : 3, link: link)
        }
        var kept: [FoldedSubgraph.Link] = []
        for rank in 0...3 {
            for entry in ranked where entry.rank == rank && kept.count < countMax {
                kept.append(entry.link)
            }
        }
        let keptCount = kept.reduce(0) { $0 + $1.edgeCount }
        return (kept, ordered.reduce(0) { $0 + $1.edgeCount } - keptCount)
    }
}
