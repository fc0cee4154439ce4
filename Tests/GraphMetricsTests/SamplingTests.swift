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
            sampledAbove: 0, closenessSampledAbove: 0, pivotCount: 64, epsilon: 0.1, seed: seed,
            threadCount: threadCount)
    }

    @Test("Sampled values are within the stated bounds, and exact in small components")
    func accuracy() throws {
        let graph = try snapshot(alone: 3)
        let exact = try #require(GlobalMetrics.compute(graph))
        let near = try #require(GlobalMetrics.compute(graph, options: sampled()))
        #expect(exact.isExact && !near.isExact && near.betweennessAccuracy.sourceCount == 64)
        #expect(exact.closenessAccuracy.epsilon == 0 && exact.betweennessAccuracy.method == "exact")
        #expect(near.betweennessAccuracy.epsilon == 0.1 && near.betweennessAccuracy.pathCount > 0)
        expectClose(near.betweenness, exact.betweenness, within: near.betweennessAccuracy.epsilon)
        expectClose(near.closeness, exact.closeness, within: near.closenessAccuracy.epsilon)
        expectClose(near.harmonic, exact.harmonic, within: near.harmonicAccuracy.epsilon)
        for position in 300..<308 {
            #expect(abs(near.betweenness[position] - exact.betweenness[position]) < 1e-15)
            #expect(near.closeness[position] == exact.closeness[position])
        }
    }

    @Test("The estimates have no bias: their mean over many samples is the exact value")
    func unbiased() throws {
        // The sum of 300 harmonic values from 64 pivots spreads by about 2 % (values differ by a
        // fifth among nodes, over sqrt(64)), so one sample proves nothing; the mean of 60 samples
        // spreads by 0.3 %, and five times that is not left to chance.
        let graph = try snapshot()
        let exact = try #require(closenessValues(graph))
        let betweenness = betweennessCentrality(graph)
        var harmonicSum = 0.0
        var betweennessSum = 0.0
        let sampleCount = 60
        for seed in 0..<UInt64(sampleCount) {
            let near = try #require(closenessValues(graph, sourceCountMax: 64, seed: seed))
            harmonicSum += near.harmonic.reduce(0, +)
            var random = TestRandom(seed: seed)
            let pivots = (0..<64).map { _ in Int32(random.below(graph.nodeCount)) }
            betweennessSum += betweennessCentrality(graph, sources: pivots).reduce(0, +)
        }
        let ratio = harmonicSum / Double(sampleCount) / exact.harmonic.reduce(0, +)
        #expect(abs(ratio - 1) < 0.015, "\(ratio)")
        let other = betweennessSum / Double(sampleCount) / betweenness.reduce(0, +)
        #expect(abs(other - 1) < 0.015, "\(other)")
    }

    @Test(
        "Over many seeds no error is above the stated one more often than stated",
        arguments: [
            GraphShape.powerLaw(1200, seed: 3), GraphShape.random("even", 1000, 1500, seed: 5),
            GraphShape.grid(32, 32),
        ])
    func statedErrors(shape: GraphShape) throws {
        let graph = try TestGraphs.snapshot(shape.nodeCount, shape.edges)
        let exact = betweennessCentrality(graph)
        let exactCloseness = try #require(closenessValues(graph))
        let seedCount = 5
        var misses = 0
        for seed in 1...UInt64(seedCount) {
            let paths = try #require(sampledBetweenness(graph, epsilon: 0.04, seed: seed))
            let values = try #require(
                estimatedBetweenness(graph, sourceCountMax: 64, epsilon: 0.08, seed: seed))
            let near = try #require(closenessValues(graph, sourceCountMax: 64, seed: seed))
            #expect(near.closenessEpsilon > 0 && near.harmonicEpsilon > 0)
            let errors = [
                largestDifference(paths.values, exact) / paths.epsilon,
                largestDifference(values.values, exact) / values.accuracy.epsilon,
                largestDifference(near.closeness, exactCloseness.closeness)
                    / near.closenessEpsilon,
                largestDifference(near.harmonic, exactCloseness.harmonic) / near.harmonicEpsilon,
            ]
            misses += errors.count { $0 > 1 }
        }
        // Each may miss with probability 0.1; the bounds are wide enough that none is seen to.
        #expect(misses == 0)
    }

    private func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).map { abs($0 - $1) }.max() ?? 0
    }

    @Test("Sampled paths give the same values on any number of threads", arguments: [2, 3])
    func pathThreads(threadCount: Int) throws {
        let graph = try snapshot()
        let one = sampledBetweenness(graph, epsilon: 0.05, seed: 5)
        #expect(one == sampledBetweenness(graph, epsilon: 0.05, seed: 5, threadCount: threadCount))
        #expect(one != sampledBetweenness(graph, epsilon: 0.05, seed: 6))
        let metrics = GlobalMetrics.compute(
            graph, options: sampled(threadCount))
        let again = GlobalMetrics.compute(
            graph, options: sampled(threadCount))
        #expect(metrics?.betweenness == again?.betweenness)
        #expect(metrics?.harmonic == again?.harmonic)
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
        let three = try #require(GlobalMetrics.compute(graph, options: .init(threadCount: 3)))
        #expect(one.closeness == two.closeness && one.closeness == three.closeness)
        expectClose(one.betweenness, three.betweenness, within: 1e-14)
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
