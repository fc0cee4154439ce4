/// Draws the subgraph around an anomaly: the way into this target.
///
/// Equal subgraphs and options give equal bytes.
package struct SubgraphDrawing: Sendable {
    private let options: DrawingOptions
    private let renderer = GraphvizRenderer.shared

    /// Makes a drawing with the given choices.
    package init(options: DrawingOptions = DrawingOptions()) {
        self.options = options
    }

    /// The subgraph in the given form.
    ///
    /// SVG is a bare `svg` element without script, style sheet or outside reference; JSON is the
    /// subgraph itself, unfolded.
    package func render(
        _ subgraph: Subgraph, format: DrawingFormat
    ) async throws(DrawingError) -> [UInt8] {
        switch format {
        case .json: return try subgraph.json()
        case .dot: return Array(dot(subgraph).utf8)
        case .graphml: return Array(GraphMLWriter(subgraph: subgraph).source().utf8)
        case .mermaid:
            let picture = PictureComposer(subgraph, options: options).picture()
            return Array(MermaidWriter(picture: picture).source().utf8)
        case .svg, .png, .pdf: break
        }
        let picture = PictureComposer(subgraph, options: options).picture()
        let layout = try await PictureLayout(picture, renderer: renderer)
        let source = PlacedDOTWriter(picture, layout: layout).source()
        let bytes = try await renderer.render(dot: source, engine: .placed, format: format)
        if format == .pdf { return PDFDocument.withoutTime(bytes) }
        guard format == .svg else { return bytes }
        return try SVGDocument(title: title(of: picture), tooltips: tooltips(of: picture))
            .cleaned(bytes)
    }

    /// DOT source that any Graphviz tool can lay out.
    package func dot(_ subgraph: Subgraph) -> String {
        DOTWriter(picture: PictureComposer(subgraph, options: options).picture()).source()
    }

    private func title(of picture: Picture) -> String {
        let severity = picture.heading.severityName
        return (severity.isEmpty ? "" : severity + ": ") + picture.heading.title
    }

    private func tooltips(of picture: Picture) -> [String: String] {
        var tooltips: [String: String] = [:]
        for symbol in picture.symbols { tooltips[symbol.name] = symbol.tooltip }
        for line in picture.lines where !line.tooltip.isEmpty { tooltips[line.name] = line.tooltip }
        return tooltips
    }
}
