/// Gives a picture's symbols and words their places.
struct PictureLayout: Sendable, Equatable {
    /// Room between a symbol and the words under it.
    static let labelGap = 2.0
    private static let haloWidth = 6.0

    /// Centres of the symbols, in the picture's order.
    var symbols: [Point]
    /// Plates with the symbols' labels, by position; absent for symbols without a label.
    var labels: [Int: Box]
    /// Plates with the lines' labels, by position.
    var plates: [Int: Box]
    /// The rectangle around all of these.
    var frame: Box

    /// Asks an engine for an arrangement and moves everything apart that would overlap.
    init(_ picture: Picture, renderer: GraphvizRenderer) async throws(DrawingError) {
        let boxes = Self.footprints(of: picture)
        let engine = Self.engine(symbolCount: picture.symbols.count)
        let source = Self.source(picture, boxes: boxes, engine: engine)
        let positions = try await renderer.positions(in: source, engine: engine)
        var placed = boxes
        for index in placed.indices {
            placed[index].center = positions["b\(index)"] ?? Point(x: Double(index), y: 0)
        }
        placed = OverlapRemoval.spread(placed, share: Self.share(picture))
        self.init(picture, placed: placed)
    }

    private init(_ picture: Picture, placed: [Box]) {
        symbols = []
        labels = [:]
        plates = [:]
        frame = Box.around(placed) ?? Box(center: Point(x: 0, y: 0), width: 0, height: 0)
        for (index, symbol) in picture.symbols.enumerated() {
            let box = placed[index]
            let halo = symbol.isFocus ? Self.haloWidth : 0
            let center = Point(x: box.center.x, y: box.top - halo - symbol.height / 2)
            symbols.append(center)
            if let size = Self.labelSize(symbol.label, symbol.fontSize, isBold: symbol.isFocus) {
                let y = box.bottom + size.height / 2
                labels[index] = Box(
                    center: Point(x: box.center.x, y: y), width: size.width, height: size.height)
            }
        }
        for (place, index) in Self.labelledLines(picture).enumerated() {
            plates[index] = placed[picture.symbols.count + place]
        }
    }

    static func engine(symbolCount: Int) -> LayoutEngine {
        symbolCount <= 120 ? .neato : .sfdp
    }

    /// The part of the page that symbols and words cover: small pictures need air for their lines.
    private static func share(_ picture: Picture) -> Double {
        picture.symbols.count <= 12 ? 0.16 : picture.symbols.count <= 60 ? 0.22 : 0.3
    }

    private static func labelledLines(_ picture: Picture) -> [Int] {
        picture.lines.indices.filter { !picture.lines[$0].label.isEmpty }
    }

    /// Width and height of a label; nil for no label.
    static func labelSize(
        _ lines: [String], _ fontSize: Double, isBold: Bool
    ) -> (width: Double, height: Double)? {
        guard !lines.isEmpty else { return nil }
        let widths = lines.map { TextMetrics.width(of: $0, size: fontSize, isBold: isBold) }
        let height = Double(lines.count) * fontSize * TextMetrics.lineHeight
        return ((widths.max() ?? 0) + 4, height + 1)
    }

    /// One rectangle for each symbol with its words, then one for each labelled line.
    private static func footprints(of picture: Picture) -> [Box] {
        let origin = Point(x: 0, y: 0)
        let symbols = picture.symbols.map { symbol in
            let halo = symbol.isFocus ? haloWidth : 0
            var box = Box(
                center: origin, width: symbol.width + 2 * halo, height: symbol.height + 2 * halo)
            if let size = labelSize(symbol.label, symbol.fontSize, isBold: symbol.isFocus) {
                box.width = max(box.width, size.width)
                box.height += labelGap + size.height
            }
            return box
        }
        let plates = labelledLines(picture).map { index in
            let line = picture.lines[index]
            let size = labelSize(line.label, line.fontSize, isBold: false) ?? (0, 0)
            return Box(center: origin, width: size.width + 4, height: size.height + 2)
        }
        return symbols + plates
    }

    /// DOT source of bare rectangles, which is all that the engine has to know.
    private static func source(_ picture: Picture, boxes: [Box], engine: LayoutEngine) -> String {
        var text = """
            graph {
            graph [start=7, overlap=true, splines=false, maxiter=300, epsilon=0.001];
            node [shape=box, fixedsize=true, label=""];

            """
        for (index, box) in boxes.enumerated() {
            text += "b\(index) [width=\(inches(box.width)), height=\(inches(box.height))];\n"
        }
        let plates = Dictionary(
            uniqueKeysWithValues: labelledLines(picture).enumerated().map {
                ($1, picture.symbols.count + $0)
            })
        for (index, line) in picture.lines.enumerated() where line.tail != line.head {
            if let plate = plates[index] {
                text += "b\(line.tail) -- b\(plate); b\(plate) -- b\(line.head);\n"
            } else {
                text += "b\(line.tail) -- b\(line.head);\n"
            }
        }
        return text + "}\n"
    }

    private static func inches(_ points: Double) -> String {
        DOTNumber.text(points / 72)
    }
}
