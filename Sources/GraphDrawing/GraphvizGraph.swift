import CGraphviz
import Foundation

/// One parsed graph, closed with its layout when it goes out of scope.
///
/// It must not outlive its context, and both belong to the one thread that draws.
struct GraphvizGraph: ~Copyable {
    private static let seed: UInt32 = 7

    private let handle: UnsafeMutablePointer<Agraph_t>
    private let context: OpaquePointer
    private var isLaidOut = false

    /// Parses DOT source.
    init(parsing source: String, context: OpaquePointer) throws(DrawingError) {
        guard !source.utf8.contains(0) else {
            throw DrawingError(.invalidDOT, "The DOT source contains a NUL character.")
        }
        GraphvizMessages.clear()
        guard let handle = agmemread(source) else {
            let said = GraphvizMessages.take()
            throw DrawingError(
                .invalidDOT,
                "Graphviz cannot read the DOT source: \(said.isEmpty ? "no graph in it" : said)")
        }
        self.handle = handle
        self.context = context
    }

    deinit {
        if isLaidOut { gvFreeLayout(context, handle) }
        agclose(handle)
    }

    /// Gives every node and edge its place.
    mutating func layOut(engine: LayoutEngine) throws(DrawingError) {
        GraphvizMessages.clear()
        // Coarsening draws numbers before the engine seeds itself by the graph's `start`; without
        // this the picture would depend on what was drawn before.
        srand(Self.seed)
        srand48(Int(Self.seed))
        isLaidOut = true
        let code = gvLayout(context, handle, engine.rawValue)
        // Some engines report an error and still return zero.
        let said = GraphvizMessages.take()
        guard code == 0 && said.isEmpty else {
            if said.contains("no layout engine support") || said.contains("not recognized") {
                throw DrawingError(
                    .pluginMissing,
                    """
                    Graphviz has no layout engine \(engine.rawValue) (\(said)): install libgvc6 and \
                    run `dot -c` as administrator.
                    """)
            }
            throw DrawingError(.layoutFailed, "Graphviz cannot lay the graph out: \(said)")
        }
    }

    /// The laid-out graph in one of Graphviz's output formats.
    func rendered(as format: String) throws(DrawingError) -> [UInt8] {
        GraphvizMessages.clear()
        var bytes: UnsafeMutablePointer<CChar>?
        var byteCount: UInt32 = 0
        let code = gvRenderData(context, handle, format, &bytes, &byteCount)
        let output = GraphvizOutput(bytes: bytes, byteCount: Int(byteCount))
        guard code == 0 else {
            let said = GraphvizMessages.take()
            if said.contains("not recognized") || said.contains("no renderer") {
                throw DrawingError(
                    .pluginMissing,
                    """
                    Graphviz cannot write \(format) (\(said)): install libgvc6, whose pango plugin \
                    draws with cairo, and run `dot -c` as administrator.
                    """)
            }
            throw DrawingError(.renderingFailed, "Graphviz cannot write \(format): \(said)")
        }
        let copy = output.copy()
        guard !copy.isEmpty else {
            throw DrawingError(
                .renderingFailed, "Graphviz wrote nothing as \(format). \(GraphvizMessages.take())")
        }
        return copy
    }
}

/// Bytes that Graphviz has allocated.
struct GraphvizOutput: ~Copyable {
    private let bytes: UnsafeMutablePointer<CChar>?
    private let byteCount: Int

    init(bytes: UnsafeMutablePointer<CChar>?, byteCount: Int) {
        self.bytes = bytes
        self.byteCount = byteCount
    }

    deinit {
        if let bytes { gvFreeRenderData(bytes) }
    }

    /// The bytes as Swift's own.
    func copy() -> [UInt8] {
        // The buffer holds `byteCount` bytes that nobody writes to until `deinit`.
        Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : byteCount))
    }
}
