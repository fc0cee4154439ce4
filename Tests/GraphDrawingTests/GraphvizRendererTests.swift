import GraphDrawing
import Testing

@Suite("Graphviz")
struct GraphvizRendererTests {
    @Test(
        "Broken DOT is refused with what Graphviz says, and the next drawing works",
        arguments: [
            "digraph {", "graph { a -> }", "", "nonsense", "graph { \"open", "graph { a\u{0} }",
        ])
    func broken(_ source: String) async throws {
        let error = await #expect(throws: DrawingError.self) {
            try await GraphvizRenderer.shared.render(dot: source, format: .svg)
        }
        #expect(error?.code == .invalidDOT)
        #expect(error?.message.isEmpty == false)
        let bytes = try await GraphvizRenderer.shared.render(dot: "graph { a -- b }", format: .svg)
        #expect(SVGReader(bytes)?.nodeIDs.count == 2)
    }

    @Test("A layout that needs positions fails with a layout error")
    func layoutError() async throws {
        let error = await #expect(throws: DrawingError.self) {
            try await GraphvizRenderer.shared.render(
                dot: "graph { a -- b }", engine: .placed, format: .svg)
        }
        #expect(error?.code == .layoutFailed)
        #expect(error?.message.contains("no position") == true)
    }

    @Test("Many drawings at once come out as they do one by one")
    func concurrent() async throws {
        let sizes = [3, 8, 20, 40, 70]
        var expected: [Int: [UInt8]] = [:]
        for size in sizes {
            expected[size] = try await SubgraphDrawing()
                .render(Samples.web(nodeCount: size), format: .svg)
        }
        let results = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for index in 0..<40 {
                let size = sizes[index % sizes.count]
                group.addTask {
                    let subgraph = Samples.web(nodeCount: size)
                    return (size, try await SubgraphDrawing().render(subgraph, format: .svg))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 40)
        #expect(results.allSatisfy { expected[$0.0] == $0.1 })
    }

    @Test("A long chain is laid out without running out of stack", arguments: [LayoutEngine.dot])
    func longChain(engine: LayoutEngine) async throws {
        let chain = (0..<3000).map { "n\($0) -> n\($0 + 1);" }.joined()
        let bytes = try await GraphvizRenderer.shared.render(
            dot: "digraph { splines=line; \(chain) }", engine: engine, format: .svg)
        #expect(!bytes.isEmpty)
    }
}
