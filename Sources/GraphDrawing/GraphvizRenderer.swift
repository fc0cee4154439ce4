/// Graphviz for the whole process: one context, one thread, one drawing at a time.
///
/// libgvc and libcgraph keep global state, so there is exactly one renderer. The source is trusted:
/// it must come from this target, since DOT can name files to load.
package actor GraphvizRenderer {
    /// The only renderer.
    package static let shared = GraphvizRenderer()

    private let executor = RenderingExecutor()
    private var context: GraphvizContext?

    private init() {}

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Draws DOT source: a picture, Graphviz's JSON of the layout, or the source itself once it
    /// parses.
    package func render(
        dot source: String, engine: LayoutEngine = .dot, format: DrawingFormat
    ) throws(DrawingError) -> [UInt8] {
        switch format {
        case .svg: try draw(source, engine: engine, as: "svg:svg:core")
        case .png: try draw(source, engine: engine, as: "png:cairo:cairo")
        case .pdf: try draw(source, engine: engine, as: "pdf:cairo:cairo")
        case .json: try draw(source, engine: engine, as: "json")
        case .dot: try checked(source)
        case .mermaid, .graphml:
            throw DrawingError(.renderingFailed, "Graphviz does not write \(format.rawValue).")
        }
    }

    /// Where an engine puts the nodes of a graph.
    func positions(in source: String, engine: LayoutEngine) throws(DrawingError) -> [String: Point]
    {
        let text = String(decoding: try draw(source, engine: engine, as: "plain"), as: UTF8.self)
        var positions: [String: Point] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("node ") {
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count >= 4, let x = Double(fields[2]), let y = Double(fields[3]),
                x.isFinite, y.isFinite
            else {
                continue
            }
            positions[String(fields[1])] = Point(x: x * 72, y: y * 72)
        }
        return positions
    }

    private func draw(
        _ source: String, engine: LayoutEngine, as format: String
    ) throws(DrawingError) -> [UInt8] {
        try start()
        guard let bytes = try context?.render(source, engine: engine, as: format) else {
            throw DrawingError(.graphvizUnavailable, "Graphviz was not started.")
        }
        return bytes
    }

    private func checked(_ source: String) throws(DrawingError) -> [UInt8] {
        try start()
        try context?.check(source)
        return Array(source.utf8)
    }

    private func start() throws(DrawingError) {
        if context == nil { context = try GraphvizContext() }
    }
}
