/// A list of attributes in the order in which they were set.
struct DOTAttributes {
    private var text = ""

    /// A word, number or colour made by this target.
    mutating func set(_ name: String, _ value: String) { append(name, "\"\(value)\"") }

    /// A number.
    mutating func set(_ name: String, _ value: Double) { append(name, DOTNumber.text(value)) }

    /// A quoted label from ``DOTText``.
    mutating func set(_ name: String, quoted label: String) { append(name, label) }

    private mutating func append(_ name: String, _ value: String) {
        text += (text.isEmpty ? "" : ", ") + name + "=" + value
    }

    /// The attributes in brackets.
    var source: String { "[\(text)]" }
}

extension DOTAttributes {
    /// How a symbol looks with the characters inside it, whatever its place.
    init(of symbol: Picture.Symbol) {
        self.init(lookOf: symbol)
        guard !symbol.mark.isEmpty else { return }
        set("label", quoted: DOTText.label(symbol.mark))
        set("fontcolor", symbol.severity.textColor)
        set("fontsize", symbol.height * 0.3)
        set("fontname", DrawingColors.boldFont)
    }

    /// How a symbol looks without words.
    init(lookOf symbol: Picture.Symbol) {
        set("shape", symbol.shape)
        set("width", symbol.width / 72)
        set("height", symbol.height / 72)
        let severity = symbol.severity
        if symbol.isGroup {
            set("style", "filled,dashed")
            set("fillcolor", DrawingColors.background)
            set("color", DrawingColors.groupBorder)
            set("penwidth", 1)
        } else {
            set("style", severity.isDashed ? "filled,dashed" : "filled")
            set("fillcolor", severity.fill)
            set("color", severity.border)
            set("penwidth", severity.borderWidth)
            if severity.borderCount > 1 { set("peripheries", Double(severity.borderCount)) }
        }
    }

    /// How a line looks, whatever its place.
    init(of line: Picture.Line) {
        set("color", line.isAnomalous ? DrawingColors.anomalousLine : DrawingColors.contextLine)
        set("penwidth", line.width)
        set("arrowsize", line.arrowSize)
        if line.leadsToGroup {
            set("style", "dotted")
            set("dir", "none")
        } else if line.isMutual {
            set("dir", "both")
        }
    }
}
