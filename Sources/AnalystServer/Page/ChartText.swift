/// The pieces of an SVG chart.
///
/// Charts carry classes instead of colours: the style sheet knows light and dark.
struct ChartText {
    private var body = ""
    private let width: Int
    private var height = 0
    private let label: String

    /// A chart of this width, in pixels of its own scale, that a screen reader calls by the label.
    init(width: Int, label: String) {
        self.width = width
        self.label = label
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", style: String = ""
    ) {
        body +=
            "<text x=\"\(at(x))\" y=\"\(at(y))\" text-anchor=\"\(anchor)\" class=\"\(style)\">"
            + "\(PageText.escaped(text))</text>"
        reach(y + 6)
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, style: String, opacity: Double = 1,
        title: String = ""
    ) {
        body +=
            "<rect x=\"\(at(x))\" y=\"\(at(y))\" width=\"\(at(width))\" height=\"\(at(height))\" "
            + "class=\"\(style)\"" + (opacity < 1 ? " opacity=\"\(at(opacity))\"" : "")
            + (title.isEmpty ? "/>" : "><title>\(PageText.escaped(title))</title></rect>")
        reach(y + height)
    }

    mutating func line(
        from start: (x: Double, y: Double), to end: (x: Double, y: Double), style: String
    ) {
        body +=
            "<line x1=\"\(at(start.x))\" y1=\"\(at(start.y))\" x2=\"\(at(end.x))\" "
            + "y2=\"\(at(end.y))\" class=\"\(style)\"/>"
        reach(max(start.y, end.y))
    }

    mutating func path(_ points: [(x: Double, y: Double)], style: String) {
        let steps = points.map { "\(at($0.x)) \(at($0.y))" }.joined(separator: " L")
        body += "<path d=\"M\(steps)\" class=\"\(style)\"/>"
    }

    /// The whole as an element of an HTML page.
    var svg: String {
        "<svg class=\"chart\" role=\"img\" aria-label=\"\(PageText.escaped(label))\" "
            + "viewBox=\"0 0 \(width) \(height + 2)\" width=\"\(width)\" height=\"\(height + 2)\">"
            + body + "</svg>"
    }

    private mutating func reach(_ y: Double) { height = max(height, Int(y.rounded(.up))) }

    /// A coordinate with at most two digits after the point.
    private func at(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = (value * 100).rounded() / 100
        return hundredths == hundredths.rounded() ? String(Int(hundredths)) : String(hundredths)
    }
}
