import Foundation

/// Makes a picture of a folded subgraph: chooses sizes, labels and words.
struct PictureComposer {
    private static let nameLengthMax = 44
    private static let wordLengthMax = 28
    private static let tooltipLengthMax = 300

    private let subgraph: Subgraph
    private let folded: FoldedSubgraph
    private let options: DrawingOptions
    private let shapes: TypeShapes
    private let plan: LabelPlan

    init(_ subgraph: Subgraph, options: DrawingOptions) {
        self.subgraph = subgraph
        self.options = options
        shapes = TypeShapes(overrides: options.shapes)
        let limit = min(options.nodeCountMax, DrawingOptions.nodeCountLimit)
        folded = SubgraphFolder(subgraph).folded(nodeCountMax: limit)
        plan = LabelPlan(folded)
    }

    /// The picture.
    func picture() -> Picture {
        var picture = Picture()
        picture.symbols = folded.nodes.map(symbol(for:)) + folded.groups.indices.map(group(at:))
        picture.lines = lines()
        picture.heading = heading()
        picture.legend = Legend(subgraph: subgraph, folded: folded, shapes: shapes).entries()
        return picture
    }

    private func symbol(for node: Subgraph.Node) -> Picture.Symbol {
        let isFocus = folded.focus.contains(node.id)
        let severity = SeverityStyle(name: node.severity)
        let height = plan.height(of: node, isFocus: isFocus)
        var symbol = Picture.Symbol(
            name: "e\(node.id)", shape: shapes.shape(of: node.type), height: height,
            severity: severity, isFocus: isFocus)
        if let score = node.boundedScore, severity != .none, height >= 24 {
            symbol.mark = Self.number(score)
        }
        let name = displayName(of: node)
        if plan.isLabelled(node.id) {
            symbol.fontSize = plan.fontSize(isFocus: isFocus)
            symbol.label = labelLines(name, fontSize: symbol.fontSize)
        }
        symbol.tooltip = tooltip(of: node)
        symbol.link = options.linkPrefix.flatMap(Self.safePrefix).map { "\($0)\(node.id)" }
        return symbol
    }

    private func displayName(of node: Subgraph.Node) -> String {
        let name = DisplayText.visible(node.name ?? "", lengthMax: Self.nameLengthMax)
        return name.isEmpty ? "\(Self.typeName(node.type)) #\(node.id)" : name
    }

    /// Words wrap into two lines; a single long word, such as a domain, keeps both its ends.
    private func labelLines(_ name: String, fontSize: Double) -> [String] {
        name.contains(" ")
            ? TextMetrics.wrapped(name, size: fontSize, widthMax: 13 * fontSize, lineCountMax: 2)
            : [DisplayText.shortened(name, lengthMax: Self.wordLengthMax)]
    }

    private func tooltip(of node: Subgraph.Node) -> String {
        var parts = [Self.typeName(node.type)]
        let name = DisplayText.visible(node.name ?? "", lengthMax: Self.tooltipLengthMax)
        parts.append(name.isEmpty ? "#\(node.id)" : name)
        if let score = node.boundedScore { parts.append("score \(Self.number(score))") }
        let severity = SeverityStyle(name: node.severity)
        if severity != .none { parts.append(severity.rawValue) }
        for (name, value) in (node.metrics ?? [:]).sorted(by: { $0.key < $1.key }).prefix(12) {
            let words = Self.typeName(name)
            parts.append("\(words) \(String(format: "%.4g", value))")
        }
        return parts.joined(separator: " · ")
    }

    private func group(at index: Int) -> Picture.Symbol {
        let group = folded.groups[index]
        let type = group.type.map(Self.typeName)
        var symbol = Picture.Symbol(
            name: "g\(index)", shape: group.type.map(shapes.shape(of:)) ?? TypeShapes.fallback,
            height: plan.groupHeight(memberCount: group.memberCount), severity: .none,
            isGroup: true)
        symbol.fontSize = plan.groupFontSize
        let count = "+\(group.memberCount)"
        symbol.label = [plan.isCrowded ? count : "\(count) \(type ?? "of several types")"]
        symbol.tooltip =
            "\(group.memberCount) more \(type ?? "entities of several types"), not drawn one by one"
        return symbol
    }

    private func lines() -> [Picture.Line] {
        let places = Dictionary(
            uniqueKeysWithValues: folded.nodes.enumerated().map { ($1.id, $0) })
        var reasons = Set<[String]>()
        var names = Set<String>()
        var lines = folded.links.compactMap { link -> Picture.Line? in
            guard let tail = places[link.source], let head = places[link.target] else { return nil }
            // Keys of relationships are the database's; a file could still repeat one.
            var name = "r\(link.id)"
            while !names.insert(name).inserted { name += "x" }
            var line = Picture.Line(
                name: name, tail: tail, head: head, isMutual: link.isMutual,
                isAnomalous: link.isAnomalous, width: plan.width(of: link),
                arrowSize: plan.arrowSize(of: link))
            label(&line, of: link, &reasons)
            line.tooltip = tooltip(of: link)
            return line
        }
        for (index, group) in folded.groups.enumerated() {
            guard let anchor = group.anchor, let tail = places[anchor] else { continue }
            lines.append(
                Picture.Line(
                    name: "f\(index)", tail: tail, head: folded.nodes.count + index,
                    leadsToGroup: true))
        }
        return lines
    }

    /// Anomalous lines say why, up to a number of distinct reasons; others say what they are where
    /// the picture is small.
    private func label(
        _ line: inout Picture.Line, of link: FoldedSubgraph.Link, _ reasons: inout Set<[String]>
    ) {
        guard line.tail != line.head else { return }
        if link.isAnomalous {
            let lines = reasonLines(of: link, fontSize: plan.reasonFontSize)
            if !reasons.contains(lines) && reasons.count == plan.reasonCountMax { return }
            reasons.insert(lines)
            line.fontSize = plan.reasonFontSize
            line.label = lines
        } else if plan.namesRelationships {
            line.isLabelOptional = true
            line.fontSize = 8
            line.label = [Self.words(for: link)]
        }
    }

    private static func words(for link: FoldedSubgraph.Link) -> String {
        typeName(link.type) + (link.edgeCount > 1 ? " ×\(link.edgeCount)" : "")
    }

    private func reasonLines(of link: FoldedSubgraph.Link, fontSize: Double) -> [String] {
        var words = Self.words(for: link)
        if let reason = link.reasons.first {
            words = DisplayText.visible(reason, lengthMax: 120)
            if link.reasons.count > 1 { words += " (and \(link.reasons.count - 1) more)" }
        }
        return TextMetrics.wrapped(words, size: fontSize, widthMax: 15 * fontSize, lineCountMax: 3)
    }

    private func tooltip(of link: FoldedSubgraph.Link) -> String {
        var text = Self.words(for: link)
        for reason in link.reasons.prefix(3) {
            text += " · " + DisplayText.visible(reason, lengthMax: Self.tooltipLengthMax)
        }
        return text
    }

    private func heading() -> Heading {
        var heading = Heading()
        let header = subgraph.header
        heading.severity = SeverityStyle(name: header?.severity)
        heading.severityName =
            heading.severity == .none ? "" : heading.severity.rawValue.uppercased()
        heading.title = DisplayText.visible(header?.title ?? "", lengthMax: 120)
        if heading.title.isEmpty { heading.title = "Subgraph" }
        heading.reason = DisplayText.visible(header?.reason ?? "", lengthMax: 400)
        let details: [(String, String?)] = [
            ("anomaly ", header?.anomalyID), ("detected ", header?.detectedAt),
            ("model ", header?.modelVersion),
        ]
        heading.details = details.compactMap { words, value in
            value.map { words + DisplayText.visible($0, lengthMax: 60) }
        }.joined(separator: "  ·  ")
        return heading
    }

    /// A type's or a metric's name as words.
    static func typeName(_ type: String) -> String {
        DisplayText.visible(type.replacing("_", with: " "), lengthMax: 40)
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

    /// Only paths of this same site; anything else could carry a scheme.
    private static func safePrefix(_ prefix: String) -> String? {
        let isPath = prefix.hasPrefix("/") && !prefix.hasPrefix("//") || prefix.hasPrefix("#")
        let isPlain = prefix.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x30...0x39).contains(byte) || "/#-_.=?".utf8.contains(byte)
        }
        return isPath && isPlain ? prefix : nil
    }
}
