/// The heading above the graph and the legend beside it, as placed nodes and lines.
struct PageFurniture {
    private static let bodyWidthMin = 320.0

    /// Statements for the nodes.
    private(set) var nodes = ""
    /// Statements for the lines.
    private(set) var edges = ""

    init(_ picture: Picture, body: Box) {
        // The words of a large picture grow with it, since it will be looked at from farther away.
        let scale = min(max(max(body.width, body.height) / 900, 1), 1.8)
        let margin = 20 * scale
        let legend = LegendBlock(picture.legend, scale: scale)
        let bodyWidth = max(body.width, Self.bodyWidthMin)
        let left = body.center.x - bodyWidth / 2
        var right = body.center.x + bodyWidth / 2
        let top = max(body.top, body.center.y + legend.height / 2)
        if !picture.legend.isEmpty {
            let written = legend.written(left: right + margin, top: top)
            nodes += written.nodes
            edges += written.edges
            right += margin + legend.width
        }
        let heading = HeadingBlock(picture.heading, width: right - left, scale: scale)
        nodes += heading.written(left: left, bottom: top + margin)
    }
}
