/// Writes a picture as DOT source in which everything has its place: Graphviz only draws it.
struct PlacedDOTWriter {
    private let picture: Picture
    private let layout: PictureLayout
    private var edges = ""
    private var nodes = ""

    /// Writes the graph; page furniture is added by ``PageFurniture``.
    init(_ picture: Picture, layout: PictureLayout) {
        self.picture = picture
        self.layout = layout
        for (index, symbol) in picture.symbols.enumerated() { write(symbol, at: index) }
        for (index, line) in picture.lines.enumerated() { write(line, at: index) }
        for (index, symbol) in picture.symbols.enumerated() { writeLabel(of: symbol, at: index) }
    }

    /// The whole source with heading and legend.
    func source() -> String {
        let page = PageFurniture(picture, body: layout.frame)
        return """
            digraph anomaly {
            graph [outputorder=edgesfirst, splines=line, pad=0.2, bgcolor="#FFFFFF"];
            node [fixedsize=true, label="", margin=0];
            edge [dir=forward];
            \(page.nodes)\(nodes)\(edges)\(page.edges)}

            """
    }

    private mutating func write(_ symbol: Picture.Symbol, at index: Int) {
        let center = layout.symbols[index]
        if symbol.isFocus {
            nodes += PlacedNode.halo(
                name: "h\(index)", center: center,
                diameter: Footprint.haloDiameter(of: symbol))
        }
        var attributes = DOTAttributes(of: symbol)
        attributes.set("pos", PlacedNode.position(center))
        attributes.set("id", symbol.name)
        if let link = symbol.link { attributes.set("URL", link) }
        nodes += "\"\(symbol.name)\" \(attributes.source);\n"
    }

    private mutating func writeLabel(of symbol: Picture.Symbol, at index: Int) {
        guard let box = layout.labels[index] else { return }
        nodes += PlacedNode.text(
            name: "l\(index)", box: box, lines: symbol.label, fontSize: symbol.fontSize,
            color: symbol.isGroup ? DrawingColors.faintText : DrawingColors.text,
            isBold: symbol.isFocus, plate: DrawingColors.thinPlate)
    }

    private mutating func write(_ line: Picture.Line, at index: Int) {
        let tail = "\"\(picture.symbols[line.tail].name)\""
        let head = "\"\(picture.symbols[line.head].name)\""
        var attributes = DOTAttributes(of: line)
        if let plate = layout.plates[index] {
            nodes += PlacedNode.text(
                name: "p\(index)", box: plate, lines: line.label, fontSize: line.fontSize,
                color: line.isAnomalous ? DrawingColors.anomalousText : DrawingColors.faintText,
                plate: DrawingColors.plate)
        }
        if layout.plates[index] == nil || line.isLabelOptional {
            attributes.set("id", line.name)
            edges += "\(tail) -> \(head) \(attributes.source);\n"
            return
        }
        // The line runs through its words: a half without a head, then a half with one.
        var first = DOTAttributes(of: line)
        first.set("id", line.name + "a")
        first.set("dir", line.isMutual ? "back" : "none")
        var second = DOTAttributes(of: line)
        second.set("id", line.name)
        second.set("dir", "forward")
        edges += "\(tail) -> p\(index) \(first.source);\np\(index) -> \(head) \(second.source);\n"
    }
}
