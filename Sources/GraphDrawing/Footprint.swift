/// The room that a symbol needs with the words under it.
struct Footprint {
    private static let labelGap = 2.0
    private static let haloGap = 7.0
    private static let haloWidth = 2.2

    private let symbol: Picture.Symbol
    private let labelSize: (width: Double, height: Double)?

    init(_ symbol: Picture.Symbol) {
        self.symbol = symbol
        labelSize = Self.size(of: symbol.label, fontSize: symbol.fontSize, isBold: symbol.isFocus)
    }

    /// The diameter of the ring around a focus.
    static func haloDiameter(of symbol: Picture.Symbol) -> Double {
        let isRound = ["circle", "ellipse", "oval", "octagon", "hexagon"].contains(symbol.shape)
        let (width, height) = (symbol.width, symbol.height)
        let reach = isRound ? max(width, height) : (width * width + height * height).squareRoot()
        return reach + haloGap + (symbol.severity.borderCount > 1 ? 8 : 0)
    }

    /// The rectangle, centred at the origin.
    var box: Box {
        let halo = symbol.isFocus ? Self.haloDiameter(of: symbol) + Self.haloWidth : 0
        var box = Box(
            center: Point(x: 0, y: 0), width: max(symbol.width, halo),
            height: max(symbol.height, halo))
        if let labelSize {
            box.width = max(box.width, labelSize.width)
            box.height += Self.labelGap + labelSize.height
        }
        return box
    }

    /// Where the symbol stands in its rectangle.
    func symbolCenter(in box: Box) -> Point {
        let halo = symbol.isFocus ? Self.haloDiameter(of: symbol) + Self.haloWidth : 0
        return Point(x: box.center.x, y: box.top - max(symbol.height, halo) / 2)
    }

    /// Where the words stand in the rectangle; nil for none.
    func label(in box: Box) -> Box? {
        guard let labelSize else { return nil }
        return Box(
            center: Point(x: box.center.x, y: box.bottom + labelSize.height / 2),
            width: labelSize.width, height: labelSize.height)
    }

    /// Width and height of a label; nil for no label.
    static func size(
        of lines: [String], fontSize: Double, isBold: Bool
    ) -> (width: Double, height: Double)? {
        guard !lines.isEmpty else { return nil }
        let widths = lines.map { TextMetrics.width(of: $0, size: fontSize, isBold: isBold) }
        let height = Double(lines.count) * fontSize * TextMetrics.lineHeight
        return ((widths.max() ?? 0) + 4, height + 1)
    }
}
