/// DOT source of bare rectangles and lines, which is all that a layout engine has to know.
struct LayoutSource {
    /// Up to here stress majorization gives the evener picture; beyond, springs give room to hubs.
    private static let stressMajorizationMax = 30

    /// The source.
    let text: String

    init(_ picture: Picture, boxes: [Box], engine: LayoutEngine) {
        // The fixed seed makes the arrangement repeatable; overlaps are left to OverlapRemoval.
        var text = """
            graph {
            graph [start=7, overlap=true, splines=false, maxiter=300, epsilon=0.001];
            node [shape=box, fixedsize=true, label=""];

            """
        for (index, box) in boxes.enumerated() {
            let width = DOTNumber.text(box.width / 72)
            let height = DOTNumber.text(box.height / 72)
            text += "b\(index) [width=\(width), height=\(height)];\n"
        }
        for line in picture.lines where line.tail != line.head {
            text += "b\(line.tail) -- b\(line.head);\n"
        }
        self.text = text + "}\n"
    }

    /// The engine for a picture of that size.
    static func engine(symbolCount: Int) -> LayoutEngine {
        symbolCount <= stressMajorizationMax ? .neato : .sfdp
    }
}
