/// The heading: the severity's mark, the title, the reason wrapped to the page, and the details.
struct HeadingBlock {
    private struct Row {
        var lines: [String]
        var fontSize: Double
        var color: String
        var isBold = false

        var height: Double { Double(lines.count) * fontSize * TextMetrics.lineHeight }
    }

    private let heading: Heading
    private let width: Double
    private let scale: Double
    private let rows: [Row]
    private let chipWidth: Double

    init(_ heading: Heading, width: Double, scale: Double) {
        self.heading = heading
        self.width = width
        self.scale = scale
        let chipWidth =
            heading.severityName.isEmpty
            ? 0
            : TextMetrics.width(of: heading.severityName, size: 9.5 * scale, isBold: true)
                + 16 * scale
        self.chipWidth = chipWidth
        func row(
            _ text: String, _ size: Double, lineCountMax: Int, indent: Double = 0,
            color: String = DrawingColors.text, isBold: Bool = false
        ) -> Row {
            let lines = TextMetrics.wrapped(
                text, size: size * scale, widthMax: width - indent - 4, lineCountMax: lineCountMax,
                isBold: isBold)
            return Row(lines: lines, fontSize: size * scale, color: color, isBold: isBold)
        }
        let indent = chipWidth > 0 ? chipWidth + 8 * scale : 0
        let title = row(heading.title, 14, lineCountMax: 2, indent: indent, isBold: true)
        let reason = row(heading.reason, 11, lineCountMax: 6)
        let details = row(heading.details, 8.5, lineCountMax: 2, color: DrawingColors.faintText)
        rows = [title, reason, details].filter { !$0.lines.isEmpty }
    }

    /// Statements for the nodes of the heading that stands on `bottom`.
    func written(left: Double, bottom: Double) -> String {
        let gap = 5 * scale
        var nodes = ""
        var y = bottom + rows.reduce(0) { $0 + $1.height + gap } - gap
        for (index, row) in rows.enumerated() {
            var indent = 0.0
            if index == 0 && chipWidth > 0 {
                indent = chipWidth + 8 * scale
                let lineHeight = row.fontSize * TextMetrics.lineHeight
                let center = Point(x: left + chipWidth / 2, y: y - lineHeight / 2)
                nodes += chip(
                    Box(center: center, width: chipWidth, height: lineHeight))
            }
            let box = Box(
                center: Point(x: left + indent + (width - indent) / 2, y: y - row.height / 2),
                width: width - indent, height: row.height)
            nodes += PlacedNode.text(
                name: "w\(index)", box: box, lines: row.lines, fontSize: row.fontSize,
                color: row.color, isBold: row.isBold)
            y -= row.height + gap
        }
        return nodes
    }

    private func chip(_ box: Box) -> String {
        var attributes = DOTAttributes()
        attributes.set("shape", "box")
        attributes.set("style", "filled,rounded")
        attributes.set("pos", PlacedNode.position(box.center))
        attributes.set("width", box.width / 72)
        attributes.set("height", box.height / 72)
        attributes.set("fillcolor", heading.severity.fill)
        attributes.set("color", heading.severity.border)
        attributes.set("fontcolor", heading.severity.textColor)
        attributes.set("fontname", DrawingColors.boldFont)
        attributes.set("fontsize", 9.5 * scale)
        attributes.set("label", quoted: DOTText.label(heading.severityName))
        return "chip \(attributes.source);\n"
    }
}
