import CGraphviz

/// Graphviz's state for a process: plugins, fonts, defaults.
struct GraphvizContext: ~Copyable {
    private let handle: OpaquePointer

    /// Starts Graphviz.
    init() throws(DrawingError) {
        GraphvizMessages.capture()
        guard let handle = gvContext() else {
            throw DrawingError(.graphvizUnavailable, "Graphviz cannot be started.")
        }
        self.handle = handle
    }

    deinit {
        gvFreeContext(handle)
    }

    /// Lays a graph out and writes it in one of Graphviz's output formats.
    borrowing func render(
        _ source: String, engine: LayoutEngine, as format: String
    ) throws(DrawingError) -> [UInt8] {
        var graph = try GraphvizGraph(parsing: source, context: handle)
        try graph.layOut(engine: engine)
        return try graph.rendered(as: format)
    }

    /// Throws where the source is not a graph.
    borrowing func check(_ source: String) throws(DrawingError) {
        _ = try GraphvizGraph(parsing: source, context: handle)
    }
}

/// Graphviz's layout engines that Vigil uses.
package enum LayoutEngine: String, Sendable, CaseIterable {
    /// Layers; for small graphs with a direction.
    case dot
    /// Stress majorization; for middling graphs.
    case neato
    /// Multilevel springs; for large graphs.
    case sfdp
    /// Takes the positions that the source gives.
    case placed = "nop2"
}
