/// The legend: a frame with a row for each entry, a sample at the left and words at the right.
struct LegendBlock {
    private let entries: [LegendEntry]
    private let scale: Double
    private let fontSize: Double
    private let rowHeight: Double
    private let sectionGap: Double
    private let padding: Double
    private let sampleWidth: Double
    private let textWidth: Double

    init(_ entries: [LegendEntry], scale: Double) {
        self.entries = entries
        self.scale = scale
        fontSize = 9 * scale
        rowHeight = 15 * scale
        sectionGap = 6 * scale
        padding = 9 * scale
        sampleWidth = 34 * scale
        let fontSize = fontSize
        textWidth = entries.map { TextMetrics.width(of: $0.text, size: fontSize) }.max() ?? 0
    }

    var width: Double { entries.isEmpty ? 0 : textWidth + sampleWidth + 2 * padding + 4 * scale }

    var height: Double {
        guard !entries.isEmpty else { return 0 }
        let gapCount = entries.indices.count { startsSection($0) }
        return Double(entries.count) * rowHeight + Double(gapCount) * sectionGap + 2 * padding
    }

    /// Statements for the nodes and the lines of the legend.
    func written(left: Double, top: Double) -> (nodes: String, edges: String) {
        let frame = Box(
            center: Point(x: left + width / 2, y: top - height / 2), width: width, height: height)
        var nodes = PlacedNode.frame(name: "legend", box: frame, color: DrawingColors.frame)
        var edges = ""
        var y = top - padding - rowHeight / 2
        for (row, entry) in entries.enumerated() {
            if startsSection(row) { y -= sectionGap }
            let center = Point(x: left + padding + (sampleWidth - 8 * scale) / 2, y: y)
            let sample = sample(of: entry.sample, row: row, center: center)
            nodes += sample.nodes
            edges += sample.edges
            let box = Box(
                center: Point(x: left + padding + sampleWidth + (textWidth + 4) / 2, y: y),
                width: textWidth + 4, height: rowHeight)
            nodes += PlacedNode.text(
                name: "t\(row)", box: box, lines: [entry.text], fontSize: fontSize,
                color: DrawingColors.faintText)
            y -= rowHeight
        }
        return (nodes, edges)
    }

    private func startsSection(_ row: Int) -> Bool {
        row > 0 && entries[row].section != entries[row - 1].section
    }

    private func sample(
        of sample: LegendEntry.Sample, row: Int, center: Point
    ) -> (nodes: String, edges: String) {
        var symbol = Picture.Symbol(
            name: "s\(row)", shape: "ellipse", height: 10 * scale, severity: .none)
        switch sample {
        case .none: return ("", "")
        case .severity(let severity): symbol.severity = severity
        case .shape(let shape): symbol.shape = shape
        case .group: symbol.isGroup = true
        case .focus:
            let ring = PlacedNode.halo(
                name: symbol.name, center: center, diameter: 10 * scale, width: 1.6 * scale)
            return (ring, "")
        case .anomalousLine, .contextLine:
            return line(isAnomalous: sample == .anomalousLine, row: row, center: center)
        }
        var attributes = DOTAttributes(of: symbol)
        attributes.set("pos", PlacedNode.position(center))
        return ("\(symbol.name) \(attributes.source);\n", "")
    }

    private func line(
        isAnomalous: Bool, row: Int, center: Point
    ) -> (nodes: String, edges: String) {
        var line = Picture.Line(name: "", tail: 0, head: 0)
        line.isAnomalous = isAnomalous
        line.width = (isAnomalous ? 2.4 : 0.9) * scale
        line.arrowSize = (isAnomalous ? 0.7 : 0.5) * scale
        var nodes = ""
        for (end, offset) in [("a", -13.0), ("b", 13)] {
            let place = PlacedNode.position(center + Point(x: offset * scale, y: 0))
            nodes += "s\(row)\(end) [shape=point, style=invis, width=0.01, pos=\"\(place)\"];\n"
        }
        return (nodes, "s\(row)a -> s\(row)b \(DOTAttributes(of: line).source);\n")
    }
}
