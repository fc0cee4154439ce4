import Foundation

/// Decides by the size of the picture how large symbols and letters are and who is labelled.
struct LabelPlan {
    private static let allLabelledUpTo = 60

    private let lineCount: Int
    private let anomalousCount: Int
    private let symbolCount: Int
    private let labelled: Set<Int64>

    init(_ folded: FoldedSubgraph) {
        lineCount = folded.links.count
        anomalousCount = folded.links.count { $0.isAnomalous }
        symbolCount = folded.nodes.count + folded.groups.count
        let count = folded.nodes.count
        // All up to 60, then 77 at 100 and 112 at 400: a share that shrinks as the page fills.
        let room =
            count <= Self.allLabelledUpTo
            ? count : 60 + Int(2.8 * Double(count - Self.allLabelledUpTo).squareRoot())
        labelled = Self.ranked(folded, room: room)
    }

    /// Whether a picture is so full that only what matters is spelled out.
    var isCrowded: Bool { symbolCount > 150 }

    func isLabelled(_ id: Int64) -> Bool { labelled.contains(id) }

    /// The height of an entity's symbol in points: it grows with the score.
    func height(of node: Subgraph.Node, isFocus: Bool) -> Double {
        let base = symbolCount <= 30 ? 20.0 : symbolCount <= 150 ? 16 : 13
        let gain = symbolCount <= 30 ? 16.0 : symbolCount <= 150 ? 16 : 20
        let height = base + gain * (node.boundedScore ?? 0)
        return isFocus ? max(height, base + gain) + 8 : height
    }

    func groupHeight(memberCount: Int) -> Double {
        let base = isCrowded ? 12.0 : 18
        return min(base * 2, base + 4 * log10(Double(memberCount)))
    }

    /// Letters grow with the picture, so that they can be read when it is shown whole.
    func fontSize(isFocus: Bool) -> Double {
        let size = symbolCount <= 60 ? 10.0 : isCrowded ? 13 : 11
        return isFocus ? size * 1.3 : size
    }

    var groupFontSize: Double { isCrowded ? 10.5 : 9.5 }
    var reasonFontSize: Double { fontSize(isFocus: false) }
    /// Distinct reasons written at lines; the others are tooltips.
    var reasonCountMax: Int { 5 }
    /// Whether ordinary relationships carry their type.
    var namesRelationships: Bool { symbolCount <= 30 && lineCount <= 45 }

    /// The thickness of a line: evidence stands out, a little less where there is much of it.
    func width(of link: FoldedSubgraph.Link) -> Double {
        guard link.isAnomalous else { return link.edgeCount > 1 ? 1.6 : 0.9 }
        let width = anomalousCount <= 6 ? 3.0 : anomalousCount <= 40 ? 2.2 : 1.6
        return isCrowded ? width + 0.6 : width
    }

    /// The size of a line's arrow head; many of the ordinary ones end at a hub.
    func arrowSize(of link: FoldedSubgraph.Link) -> Double {
        link.isAnomalous ? 0.4 + width(of: link) / 7 : isCrowded ? 0.35 : 0.5
    }

    /// The focus, the ends of anomalous lines, then severity and score, then hubs.
    private static func ranked(_ folded: FoldedSubgraph, room: Int) -> Set<Int64> {
        var degrees: [Int64: Int] = [:]
        var evidence = folded.focus
        for link in folded.links {
            degrees[link.source, default: 0] += 1
            degrees[link.target, default: 0] += 1
            if link.isAnomalous { evidence.formUnion([link.source, link.target]) }
        }
        let hubDegree = max(4, folded.links.count / 40)
        let keyed = folded.nodes.enumerated().map { rank, node in
            let isHub = degrees[node.id, default: 0] >= hubDegree
            let isSevere = SeverityStyle(name: node.severity) >= .medium
            let tier =
                folded.focus.contains(node.id)
                ? 0 : isSevere ? 1 : isHub ? 2 : evidence.contains(node.id) ? 3 : 4
            return (tier: tier, degree: degrees[node.id, default: 0], rank: rank, id: node.id)
        }
        let ordered = keyed.sorted { left, right in
            if left.tier != right.tier { return left.tier < right.tier }
            if left.tier == 4 && left.degree != right.degree { return left.degree > right.degree }
            return left.rank < right.rank
        }
        return Set(ordered.prefix(room).map(\.id))
    }
}
