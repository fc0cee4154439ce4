/// Explains what occurs in the picture, and nothing else.
struct Legend {
    private static let typeCountMax = 16

    let subgraph: Subgraph
    let folded: FoldedSubgraph
    let shapes: TypeShapes

    /// The rows in the order of reading: findings, shapes, lines, what was left out.
    func entries() -> [LegendEntry] {
        severities() + types() + lines() + remainders()
    }

    private func severities() -> [LegendEntry] {
        var entries: [LegendEntry] = []
        if !folded.focus.isEmpty {
            entries.append(
                LegendEntry(section: .findings, sample: .focus, text: "subject of the anomaly"))
        }
        for severity in SeverityStyle.allCases.reversed() {
            let count = folded.nodes.count { SeverityStyle(name: $0.severity) == severity }
            guard count > 0 else { continue }
            let text = severity == .none ? "context" : severity.rawValue
            entries.append(
                LegendEntry(
                    section: .findings, sample: .severity(severity), text: "\(text) (\(count))"))
        }
        if Set(folded.nodes.map(\.boundedScore)).count > 1 {
            entries.append(
                LegendEntry(section: .findings, sample: .none, text: "larger symbol: higher score"))
        }
        return entries
    }

    private func types() -> [LegendEntry] {
        var counts: [String: Int] = [:]
        for node in folded.nodes { counts[node.type, default: 0] += 1 }
        for group in folded.groups {
            if let type = group.type { counts[type, default: 0] += 0 }
        }
        let ordered = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        var entries = ordered.prefix(Self.typeCountMax).map { type, count in
            LegendEntry(
                section: .types, sample: .shape(shapes.shape(of: type)),
                text: PictureComposer.typeName(type) + (count > 0 ? " (\(count))" : ""))
        }
        if ordered.count > Self.typeCountMax {
            let rest = ordered.count - Self.typeCountMax
            entries.append(
                LegendEntry(section: .types, sample: .none, text: "and \(rest) more types"))
        }
        return entries
    }

    private func lines() -> [LegendEntry] {
        var entries: [LegendEntry] = []
        if folded.links.contains(where: \.isAnomalous) {
            entries.append(
                LegendEntry(section: .lines, sample: .anomalousLine, text: "anomalous relationship")
            )
        }
        if folded.links.contains(where: { !$0.isAnomalous }) {
            entries.append(LegendEntry(section: .lines, sample: .contextLine, text: "relationship"))
        }
        return entries
    }

    private func remainders() -> [LegendEntry] {
        var entries: [LegendEntry] = []
        if !folded.groups.isEmpty {
            let groups = folded.groups.count == 1 ? "1 group" : "\(folded.groups.count) groups"
            entries.append(
                LegendEntry(
                    section: .remainders, sample: .group,
                    text: "\(folded.foldedNodeCount) folded in \(groups)"))
        }
        let remarks: [(Int, String)] = [
            (folded.foldedEdgeCount, "inside the fold"),
            (folded.hiddenEdgeCount, "not drawn"),
            (folded.strayEdgeCount, "to entities outside"),
        ]
        for (count, words) in remarks where count > 0 {
            let noun = count == 1 ? "relationship" : "relationships"
            entries.append(
                LegendEntry(section: .remainders, sample: .none, text: "\(count) \(noun) \(words)"))
        }
        if subgraph.isTruncated {
            entries.append(
                LegendEntry(
                    section: .remainders, sample: .none, text: "not all neighbours were collected"))
        }
        return entries
    }
}
