import GraphEngine
import GraphMetrics
import Testing

@Suite("Metrics of graphs with closed forms")
struct ClosedFormTests {
    @Test("A star's center lies on every path")
    func star() throws {
        let graph = try TestGraphs.snapshot(11, TestGraphs.star(10))
        let metrics = try #require(GlobalMetrics.compute(graph))
        expectClose(metrics.betweenness, [1] + [Double](repeating: 0, count: 10), within: 1e-15)
        expectClose(metrics.closeness, [1] + [Double](repeating: 10.0 / 19, count: 10))
        let half = 0.5.squareRoot()
        expectClose(
            metrics.eigenvector, [half] + [Double](repeating: half / 10.0.squareRoot(), count: 10))
        #expect(abs(metrics.eigenvalue - 10.0.squareRoot()) < 1e-9)
        #expect(localClustering(graph).allSatisfy { $0 == 0 })
    }

    @Test("A clique's nodes are alike")
    func clique() throws {
        let graph = try TestGraphs.snapshot(6, TestGraphs.clique(6))
        let metrics = try #require(GlobalMetrics.compute(graph))
        #expect(localClustering(graph) == [1, 1, 1, 1, 1, 1])
        #expect(degreeCentrality(graph) == [1, 1, 1, 1, 1, 1])
        #expect(metrics.betweenness == [0, 0, 0, 0, 0, 0])
        #expect(metrics.closeness == [1, 1, 1, 1, 1, 1])
        #expect(metrics.coreNumber == [5, 5, 5, 5, 5, 5])
        #expect(abs(metrics.eigenvalue - 5) < 1e-12)
    }

    @Test("A path is bipartite, and its eigenvector is a sine")
    func path() throws {
        let count = 9
        let graph = try TestGraphs.snapshot(count, TestGraphs.path(count))
        let result = eigenvectorCentrality(graph)
        let values = graph.inKeyOrder(result.values)
        let eigenvalue = result.eigenvalue
        // sin(pi / 10) = (sqrt 5 - 1) / 4 and 2 cos(pi / 10) = sqrt((5 + sqrt 5) / 2).
        let root = 5.0.squareRoot()
        let expected = ((5 + root) / 2).squareRoot()
        let ratio = (root - 1) / 4
        #expect(abs(eigenvalue - expected) < 1e-9)
        #expect(abs(values[0] / values[4] - ratio) < 1e-9)
    }

    @Test("The larger of two components holds the eigenvector; closeness is scaled by its share")
    func disconnected() throws {
        let edges = TestGraphs.clique(4) + [(4, 5), (5, 6)]
        let graph = try TestGraphs.snapshot(8, edges)
        let metrics = try #require(GlobalMetrics.compute(graph))
        expectClose(metrics.eigenvector, [0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0])
        let reached: [Double] = [3, 3, 3, 3, 4.0 / 3, 2, 4.0 / 3, 0]
        expectClose(metrics.closeness, reached.map { $0 / 7 })
        #expect(metrics.component == [0, 0, 0, 0, 4, 4, 4, 7])
        #expect(metrics.position(of: NodeKey(7)) == 7 && metrics.position(of: NodeKey(8)) == nil)
    }

    @Test("Dangling mass is spread evenly")
    func dangling() throws {
        // a = 0.15 / 2 + 0.85 b / 2 and b = a + 0.85 a, with a + b = 1.
        let graph = try TestGraphs.snapshot(2, [(0, 1)])
        expectClose(graph.inKeyOrder(pageRank(graph)), [1 / 2.85, 1.85 / 2.85])
    }

    @Test("Parallel rows count once for PageRank, a self-loop counts")
    func directedPairs() throws {
        let once = try TestGraphs.snapshot(3, [(0, 1), (1, 2), (2, 0)])
        let twice = try TestGraphs.snapshot(3, [(0, 1), (0, 1), (1, 2), (2, 0)])
        #expect(pageRank(once) == pageRank(twice))
        let loop = try TestGraphs.snapshot(3, [(0, 1), (1, 2), (2, 0), (2, 2)])
        let looped = loop.inKeyOrder(pageRank(loop))
        #expect(looped[2] > looped[0])
    }

    @Test("Tie range says where its budget was spent, and 2 wherever there is a triangle")
    func tieRangeBudget() throws {
        let graph = try TestGraphs.graph(200, TestGraphs.path(200) + [(199, 0)])
        #expect(tieRange(graph, 0, 1, rangeMax: 300, visitedMax: 500) == 199)
        #expect(tieRange(graph, 0, 1, rangeMax: 6, visitedMax: 500) == 7)
        #expect(tieRange(graph, 0, 1, rangeMax: 300, visitedMax: 20) == nil)
        #expect(tieRange(graph, 5, 5, rangeMax: 6, visitedMax: 20) == 0)
        let clique = try TestGraphs.graph(5, TestGraphs.clique(5))
        #expect(tieRange(clique, 0, 1, rangeMax: 6, visitedMax: 0) == 2)
    }
}
