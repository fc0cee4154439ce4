/// The heading above the graph and the legend beside it, as placed nodes and lines.
struct PageFurniture {
    private static let margin = 18.0
    private static let rowHeight = 15.0
    private static let legendFontSize = 9.0
    private static let sampleWidth = 30.0
    private static let bodyWidthMin = 320.0

    /// Statements for the nodes.
    private(set) var nodes = ""
    /// Statements for the lines.
    private(set) var edges = ""

    private let picture: Picture
    private let body: Box
    private let legendWidth: Double

    init(_ picture: Picture, body: Box) {
        self.picture = picture
        self.body = body
        let textWidth = picture.legend.map {
            TextMetrics.width(of: $0.text, size: Self.legendFontSize)
        }.max()
        legendWidth = textWidth.map { $0 + Self.sampleWidth + 22 } ?? 0
        let bodyWidth = max(body.width, Self.bodyWidthMin)
        let left = body.center.x - bodyWidth / 2
        let right = body.center.x + bodyWidth / 2
        let legendHeight =
            picture.legend.isEmpty ? 0 : Double(picture.legend.count) * Self.rowHeight + 12
        let top = max(body.top, body.center.y + legendHeight / 2) + Self.margin
        writeLegend(left: right + Self.margin, top: top - Self.margin, height: legendHeight)
        let pageRight = picture.legend.isEmpty ? right : right + Self.margin + legendWidth
        writeHeading(left: left, right: pageRight, bottom: top)
    }

    private mutating func writeLegend(left: Double, top: Double, height: Double) {
        guard !picture.legend.isEmpty else { return }
        let frame = Box(
            center: Point(x: left + legendWidth / 2, y: top - height / 2), width: legendWidth,
            height: height)
        nodes += PlacedNode.frame(name: "legend", box: frame, color: DrawingColors.frame)
        for (index, entry) in picture.legend.enumerated() {
            let y = top - 6 - (Double(index) + 0.5) * Self.rowHeight
            write(entry.sample, row: index, at: Point(x: left + 8 + Self.sampleWidth / 2, y: y))
            let width = legendWidth - Self.sampleWidth - 18
            let box = Box(
                center: Point(x: left + Self.sampleWidth + 14 + width / 2, y: y), width: width,
                height: Self.rowHeight)
            nodes += PlacedNode.text(
                name: "t\(index)", box: box, lines: [entry.text], fontSize: Self.legendFontSize,
                color: DrawingColors.faintText, isBold: false, hasPlate: false)
        }
    }

    private mutating func write(_ sample: LegendEntry.Sample, row: Int, at center: Point) {
        var symbol = Picture.Symbol(
            name: "s\(row)", shape: "ellipse", height: 10, severity: .none)
        switch sample {
        case .none: return
        case .severity(let severity): symbol.severity = severity
        case .shape(let shape): symbol.shape = shape
        case .group: symbol.isGroup = true
        case .focus:
            nodes += PlacedNode.halo(name: symbol.name, center: center, diameter: 11)
            return
        case .anomalousLine, .contextLine:
            var line = Picture.Line(name: "", tail: 0, head: 0)
            line.isAnomalous = sample == .anomalousLine
            for (end, offset) in [("a", -13.0), ("b", 13)] {
                let place = PlacedNode.position(center + Point(x: offset, y: 0))
                nodes += "s\(row)\(end) [shape=point, style=invis, width=0.01, pos=\"\(place)\"];\n"
            }
            edges += "s\(row)a -> s\(row)b \(DOTAttributes(of: line).source);\n"
            return
        }
        var attributes = DOTAttributes(of: symbol)
        attributes.set("pos", PlacedNode.position(center))
        nodes += "\(symbol.name) \(attributes.source);\n"
    }

    private mutating func writeHeading(left: Double, right: Double, bottom: Double) {
        let heading = picture.heading
        let width = right - left
        var rows: [(lines: [String], size: Double, color: String, isBold: Bool)] = []
        let chipWidth = heading.severityName.isEmpty
            ? 0 : TextMetrics.width(of: heading.severityName, size: 9.5, isBold: true) + 16
        let titleLines = TextMetrics.wrapped(
            heading.title, size: 14, widthMax: width - chipWidth - 10, lineCountMax: 2,
            isBold: true)
        rows.append((titleLines, 14, DrawingColors.text, true))
        if !heading.reason.isEmpty {
            let lines = TextMetrics.wrapped(
                heading.reason, size: 11, widthMax: width, lineCountMax: 5)
            rows.append((lines, 11, DrawingColors.text, false))
        }
        if !heading.details.isEmpty {
            let lines = TextMetrics.wrapped(
                heading.details, size: 8.5, widthMax: width, lineCountMax: 2)
            rows.append((lines, 8.5, DrawingColors.faintText, false))
        }
        let heights = rows.map { Double($0.lines.count) * $0.size * TextMetrics.lineHeight + 5 }
        var top = bottom + heights.reduce(0, +) + 4
        if chipWidth > 0 {
            let center = Point(x: left + chipWidth / 2, y: top - 10)
            let box = Box(center: center, width: chipWidth, height: 17)
            nodes += chip(heading, box: box)
        }
        for (index, row) in rows.enumerated() {
            let indent = index == 0 && chipWidth > 0 ? chipWidth + 8 : 0
            let box = Box(
                center: Point(x: left + indent + (width - indent) / 2, y: top - heights[index] / 2),
                width: width - indent, height: heights[index])
            nodes += PlacedNode.text(
                name: "w\(index)", box: box, lines: row.lines, fontSize: row.size, color: row.color,
                isBold: row.isBold, hasPlate: false)
            top -= heights[index]
        }
    }

    private func chip(_ heading: Heading, box: Box) -> String {
        var attributes = DOTAttributes()
        attributes.set("shape", "box")
        attributes.set("style", "filled,rounded")
        attributes.set("pos", PlacedNode.position(box.center))
        attributes.set("width", box.width / 72)
        attributes.set("height", box.height / 72)
        attributes.set("fillcolor", heading.severity.fill)
        attributes.set("color", heading.severity.border)
        attributes.set("fontcolor", heading.severity.textColor)
        attributes.set("fontname", DrawingColors.boldFonts)
        attributes.set("fontsize", 9.5)
        attributes.set("label", quoted: DOTText.label(heading.severityName))
        return "chip \(attributes.source);\n"
    }
}
