import GraphEngine
import GraphMetrics
import Testing

@Suite("Shortest paths on graphs that strain a search")
struct ShortestPathTests {
    @Test("A long path has no searches: its betweenness is in closed form")
    func longPath() throws {
        let count = 100_000
        let graph = try TestGraphs.snapshot(count, TestGraphs.path(count))
        let values = graph.inKeyOrder(betweennessCentrality(graph))
        let pairs = Double(count - 1) * Double(count - 2) / 2
        for node in [0, 1, 777, 50_000, 99_999] {
            let expected = Double(node) * Double(count - 1 - node) / pairs
            #expect(abs(values[node] - expected) < 1e-15)
        }
        // Levels beyond 65,535, from few sources.
        let closeness = try #require(closenessValues(graph, sourceCountMax: 4, seed: 1))
        #expect(closeness.closeness.allSatisfy { $0 > 0 && $0 <= 1 })
    }

    @Test("A long cycle, of more than 65,535 levels, is even", arguments: [1, 2])
    func longCycle(threadCount: Int) throws {
        let count = 140_000
        let graph = try TestGraphs.snapshot(count, TestGraphs.path(count) + [(count - 1, 0)])
        let sources: [Int32] = [0, 35_000, 70_000, 105_000]
        let sampled = betweennessCentrality(graph, sources: sources, threadCount: threadCount)
        // With sources at the quarters, what they say of their middles is alike.
        let values = [17_500, 52_500, 87_500, 122_500].map { sampled[$0] }
        #expect((values.max() ?? 0) - (values.min() ?? 0) < 1e-7 && values[0] > 0)
        // Each node is inside (n - 2)^2 / 8 of the paths of an even cycle.
        let mean = sampled.reduce(0, +) / Double(count)
        let expected = Double(count - 2) / Double(count - 1) / 4
        #expect(abs(mean - expected) < 1e-4 * expected)
    }

    @Test("Numbers of paths beyond the range of a Double leave only their ratios")
    func manyPaths() throws {
        // A chain of 700 rungs with four ways each: 4^700 paths from end to end.
        let rungs = 700
        var edges: [(Int, Int)] = []
        for rung in 0..<rungs {
            for way in 1...4 {
                edges += [(rung * 5, rung * 5 + way), (rung * 5 + way, rung * 5 + 5)]
            }
        }
        let count = rungs * 5 + 1
        let graph = try TestGraphs.snapshot(count, edges)
        let ends = try [0, rungs * 5].map {
            Int32(try #require(graph.position(of: NodeKey(Int64($0)))))
        }
        let values = graph.inKeyOrder(betweennessCentrality(graph, sources: ends))
        // Each end's paths to all nodes beyond a joint pass through it; both together, to n - 1.
        let expected = Double(count) / 2 / Double(count - 2)
        for joint in [1, 10, 350, 690] {
            #expect(abs(values[joint * 5] - expected) < 1e-12, "\(joint)")
        }
        for way in 1...4 { #expect(abs(values[way] - values[1]) < 1e-12) }
        #expect(abs(values[1] - values[count - 2]) < 1e-12)
    }

    @Test("Trees on a core are folded without a trace", arguments: [1, 2, 3] as [UInt64])
    func foldedTrees(seed: UInt64) throws {
        // A random core with trees of several sizes hung on it, and a tree and a cycle apart.
        var random = TestRandom(seed: seed)
        var edges = GraphShape.random("core", 25, 40, seed: seed).edges
        for node in 25..<60 { edges.append((random.below(node), node)) }
        for node in 61..<70 { edges.append((60 + random.below(node - 60), node)) }
        edges += [(70, 71), (71, 72), (72, 73), (73, 70), (73, 74), (74, 74)]
        let shape = GraphShape(name: "trees", nodeCount: 76, edges: edges)
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let plain = PlainMetrics(shape)
        for threadCount in 1...3 {
            let values = betweennessCentrality(graph, threadCount: threadCount)
            expectClose(
                graph.inKeyOrder(values), (0..<76).map(plain.betweenness), within: 1e-13)
            let closeness = try #require(closenessValues(graph, threadCount: threadCount))
            expectClose(
                graph.inKeyOrder(closeness.closeness), (0..<76).map(plain.closeness),
                within: 1e-13)
        }
    }

    @Test("More searches than fit in a word are all counted", arguments: [1, 2, 3])
    func manyBatches(threadCount: Int) throws {
        let shape = GraphShape.random("sparse", 600, 700, seed: 9)
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let plain = PlainMetrics(shape)
        let values = try #require(closenessValues(graph, threadCount: threadCount))
        expectClose(
            graph.inKeyOrder(values.closeness), (0..<600).map(plain.closeness), within: 1e-12)
        expectClose(
            graph.inKeyOrder(values.harmonic), (0..<600).map(plain.harmonic), within: 1e-10)
    }
}
