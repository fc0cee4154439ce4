import GraphEngine
import GraphMetrics
import Testing

@Suite("Metrics by their definitions")
struct DefinitionTests {
    @Test("Every metric equals its definition", arguments: GraphShape.all)
    func equalsDefinition(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let plain = PlainMetrics(shape)
        let nodes = 0..<shape.nodeCount
        let metrics = try #require(GlobalMetrics.compute(graph))
        expectClose(metrics.closeness, nodes.map(plain.closeness), within: 1e-12)
        expectClose(metrics.harmonic, nodes.map(plain.harmonic), within: 1e-11)
        expectClose(metrics.betweenness, nodes.map(plain.betweenness), within: 1e-12)
        #expect(graph.inKeyOrder(triangleCounts(graph)) == nodes.map(plain.triangles))
        #expect(metrics.component.map(Int.init) == nodes.map(plain.component))
        #expect(metrics.coreNumber.map(Int.init) == plain.cores())
        #expect(graph.inKeyOrder(closenessCentrality(graph)) == metrics.closeness)
        #expect(harmonicCentrality(graph).count == shape.nodeCount)
        #expect(metrics.isExact)
    }

    @Test("PageRank is the fixed point of its equation", arguments: GraphShape.all)
    func pageRankFixedPoint(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let ranks = graph.inKeyOrder(pageRank(graph))
        guard shape.nodeCount > 0 else { return #expect(ranks.isEmpty) }
        let plain = PlainMetrics(shape)
        var next = [Double](repeating: 0.15 / Double(shape.nodeCount), count: shape.nodeCount)
        for node in 0..<shape.nodeCount {
            let targets = plain.successors[node]
            if targets.isEmpty {
                for target in next.indices {
                    next[target] += 0.85 * ranks[node] / Double(next.count)
                }
            }
            for target in targets { next[target] += 0.85 * ranks[node] / Double(targets.count) }
        }
        expectClose(ranks, next, within: 1e-10)
        #expect(abs(ranks.reduce(0, +) - 1) < 1e-12)
    }

    @Test("Eigenvector centrality solves A x = lambda x with x >= 0", arguments: GraphShape.all)
    func eigenvector(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let result = eigenvectorCentrality(graph)
        let values = graph.inKeyOrder(result.values)
        let eigenvalue = result.eigenvalue
        guard shape.nodeCount > 0 else { return #expect(values.isEmpty) }
        #expect(values.allSatisfy { $0 >= 0 })
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        let plain = PlainMetrics(shape)
        let products = (0..<shape.nodeCount).map { node in
            plain.neighbors[node].reduce(0) { $0 + values[$1] }
        }
        expectClose(products, values.map { $0 * eigenvalue }, within: 1e-9)
        // No eigenvalue is above the one whose vector is positive on its component; the mean degree
        // bounds it from below and the greatest degree from above.
        let degrees = plain.neighbors.map { Double($0.count) }
        #expect(eigenvalue <= (degrees.max() ?? 0) + 1e-9)
        #expect(eigenvalue >= degrees.reduce(0, +) / Double(shape.nodeCount) - 1e-9)
    }

    @Test("Tie range equals a search in the graph without the edge", arguments: GraphShape.all)
    func tieRanges(shape: GraphShape) throws {
        let graph = try TestGraphs.graph(shape.nodeCount, shape.edges)
        for (first, second) in Set(shape.edges.map { [$0.0, $0.1].sorted() }).map({ ($0[0], $0[1]) }
        )
        where first != second {
            let cut = GraphShape(
                name: "cut", nodeCount: shape.nodeCount,
                edges: shape.edges.filter { $0 != (first, second) && $0 != (second, first) })
            let distance = PlainMetrics(cut).distances[first][second] ?? Int.max
            for rangeMax in [1, 2, 3, 5, 100] {
                let range = tieRange(
                    graph, Int32(first), Int32(second), rangeMax: rangeMax, visitedMax: 10_000)
                try #require(range == min(distance, rangeMax + 1), "\(first)-\(second)")
            }
        }
    }
}
