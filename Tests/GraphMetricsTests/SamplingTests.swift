import GraphEngine
import GraphMetrics
import Synchronization
import Testing

@Suite("Sampling, threads and cancellation")
struct SamplingTests {
    static let shape = GraphShape.powerLaw(300, seed: 4)

    private func snapshot(alone: Int = 0) throws -> GraphSnapshot {
        // A second component of five nodes, small enough to be exact, and nodes alone.
        let edges = Self.shape.edges + [(300, 301), (301, 302), (302, 303), (303, 304)]
        return try TestGraphs.snapshot(305 + alone, edges)
    }

    private func sampled(_ threadCount: Int = 1, seed: UInt64 = 7) -> GlobalMetrics.Options {
        GlobalMetrics.Options(
            sampledAbove: 0, pivotCount: 64, seed: seed, threadCount: threadCount)
    }

    @Test("Sampled values are near, within the stated bound, and exact in small components")
    func accuracy() throws {
        let graph = try snapshot(alone: 3)
        let exact = try #require(GlobalMetrics.compute(graph))
        let near = try #require(GlobalMetrics.compute(graph, options: sampled()))
        #expect(exact.isExact && !near.isExact && near.pivotCount == 64)
        #expect(near.betweennessEpsilon > 0 && near.betweennessEpsilon < 0.5)
        expectClose(near.betweenness, exact.betweenness, within: near.betweennessEpsilon)
        expectClose(near.betweenness, exact.betweenness, within: 0.04)
        expectClose(near.closeness, exact.closeness, within: 0.05)
        expectClose(near.harmonic, exact.harmonic, within: 20)
        let ratio = near.harmonic.reduce(0, +) / exact.harmonic.reduce(0, +)
        #expect(ratio > 0.98 && ratio < 1.02)
        for position in 300..<308 {
            #expect(abs(near.betweenness[position] - exact.betweenness[position]) < 1e-15)
            #expect(near.closeness[position] == exact.closeness[position])
        }
    }

    @Test("The same seed gives the same bits, another seed gives other pivots")
    func seeds() throws {
        let graph = try snapshot()
        let first = GlobalMetrics.compute(graph, options: sampled())
        let again = GlobalMetrics.compute(graph, options: sampled())
        let other = GlobalMetrics.compute(graph, options: sampled(seed: 8))
        #expect(first?.betweenness == again?.betweenness)
        #expect(first?.betweenness != other?.betweenness)
    }

    @Test("The same thread count gives the same bits, another one the same values")
    func threads() throws {
        let graph = try snapshot()
        let one = try #require(GlobalMetrics.compute(graph, options: .init(threadCount: 1)))
        let two = try #require(GlobalMetrics.compute(graph, options: .init(threadCount: 2)))
        let again = try #require(GlobalMetrics.compute(graph, options: .init(threadCount: 2)))
        #expect(two.betweenness == again.betweenness && two.harmonic == again.harmonic)
        #expect(one.closeness == two.closeness)
        expectClose(one.betweenness, two.betweenness, within: 1e-14)
        expectClose(one.harmonic, two.harmonic, within: 1e-10)
    }

    @Test("All nodes as pivots are the exact betweenness; fewer are scaled by n / k")
    func pivots() throws {
        let graph = try snapshot()
        let exact = betweennessCentrality(graph)
        let all = (0..<Int32(graph.nodeCount)).map { $0 }
        #expect(betweennessCentrality(graph, sources: all) == exact)
        let even = betweennessCentrality(graph, sources: all.filter { $0 % 2 == 0 })
        expectClose(even, exact, within: 0.03)
        let ratio = even.reduce(0, +) / exact.reduce(0, +)
        #expect(ratio > 0.9 && ratio < 1.1)
    }

    @Test("A cancelled computation gives nothing", arguments: [0, 1, 5, 100])
    func cancellation(callCount: Int) throws {
        let left = Mutex(callCount)
        let metrics = GlobalMetrics.compute(try snapshot()) {
            left.withLock { left in
                left -= 1
                return left < 0
            }
        }
        #expect(metrics == nil)
    }
}
