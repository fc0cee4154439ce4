// Betweenness within (epsilon, delta) from sampled shortest paths: M. Borassi, E. Natale, "KADABRA is an
// ADaptive Algorithm for Betweenness via Random Approximation", ESA (2016),
// doi:10.4230/LIPIcs.ESA.2016.20, on the bound of M. Riondato, E. M. Kornaropoulos, "Fast approximation
// of betweenness centrality through sampling", Data Mining and Knowledge Discovery 30 (2016),
// doi:10.1007/s10618-015-0423-0.
//
// A path drawn evenly between an even pair passes through v with probability b(v). After
// omega = 0.5 / epsilon^2 (floor(log2(VD - 2)) + 1 + ln(2 / delta)) samples, VD the most nodes on a
// shortest path, all frequencies are within epsilon with probability 1 - delta / 2. The sampling may
// stop before, after tau samples, where for every node
//   f = ln(1 / d) / tau (1 / 3 - omega / tau + sqrt((1 / 3 - omega / tau)^2 + 2 b omega / ln(1 / d)))
//   g = ln(1 / d) / tau (1 / 3 + omega / tau + sqrt((1 / 3 + omega / tau)^2 + 2 b omega / ln(1 / d)))
// are at most epsilon, d(v) a share of delta / 4 that a first sample deals out.
//
// Different from the papers: trees are folded away and exact (`FoldedGraph`), which leaves fewer and
// shorter paths to chance; each sample has its own generator, so threads do not change the values.

import Foundation
package import GraphEngine
import ParallelLoops

/// Betweenness from sampled paths, and how good it is.
package struct BetweennessSample: Sendable, Equatable {
    /// The normalised betweenness of each node, by position.
    package var values: [Double]
    /// With probability `1 - delta` no value is off by more.
    package var epsilon: Double
    /// The probability that some value is off by more than `epsilon`.
    package var delta: Double
    /// The number of paths drawn.
    package var pathCount: Int
}

/// The normalised betweenness of all nodes within `epsilon`, with probability 1 - `delta`.
///
/// The values depend on the seed, not on the number of threads.
/// - Returns: nil where it was cancelled.
/// - Complexity: O(log(diameter) / epsilon^2) searches from both ends, each seldom of more than
///   O(sqrt(edges)) steps where degrees are uneven.
package func sampledBetweenness(
    _ graph: GraphSnapshot, epsilon: Double, delta: Double = 0.1, seed: UInt64 = 1,
    threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> BetweennessSample? {
    sampledBetweenness(
        FoldedGraph(graph, labels: connectedComponents(graph)), epsilon: epsilon, delta: delta,
        seed: seed, threadCount: threadCount, isCancelled: isCancelled)
}

func sampledBetweenness(
    _ graph: FoldedGraph, epsilon: Double, delta: Double, seed: UInt64, threadCount: Int,
    isCancelled: @Sendable () -> Bool
) -> BetweennessSample? {
    precondition(epsilon > 0 && delta > 0 && delta < 1, "an error and its probability are positive")
    let nodeCount = Double(graph.places.count)
    let pairCount = (nodeCount - 1) * (nodeCount - 2) / 2
    guard pairCount > 0 else {
        return BetweennessSample(
            values: graph.treePairs.map { _ in 0 }, epsilon: 0, delta: delta, pathCount: 0)
    }
    var values = graph.treePairs.map { $0 / pairCount }
    guard graph.nodeCount > 0 else {
        return BetweennessSample(values: values, epsilon: 0, delta: delta, pathCount: 0)
    }
    // Ends are drawn from n (n - 1) pairs, the measure is a share of (n - 1)(n - 2).
    let scale = nodeCount / (nodeCount - 2)
    let sampling = PathSampling(graph, epsilon: epsilon / scale, delta: delta, seed: seed)
    guard let (passed, pathCount) = sampling.run(threadCount: threadCount, isCancelled: isCancelled)
    else { return nil }
    for (place, position) in graph.positions.enumerated() {
        values[Int(position)] += Double(passed[place]) / Double(pathCount) * scale
    }
    return BetweennessSample(values: values, epsilon: epsilon, delta: delta, pathCount: pathCount)
}

/// The rounds of samples and the rule that ends them.
private struct PathSampling {
    let graph: FoldedGraph
    let epsilon: Double
    let delta: Double
    let seed: UInt64
    /// The number of samples after which the bound holds for sure.
    let pathCountMax: Int

    init(_ graph: FoldedGraph, epsilon: Double, delta: Double, seed: UInt64) {
        (self.graph, self.epsilon, self.delta, self.seed) = (graph, epsilon, delta, seed)
        let order = BreadthFirstOrder(
            offsets: graph.offsets, targets: graph.targets,
            starts: graph.componentStarts.dropLast())
        // A shortest path has at most one node more than twice the eccentricity of any node.
        let nodesMax = 2 * (order.eccentricities.max() ?? 0) + 1
        let dimension = nodesMax > 3 ? log2(Double(nodesMax - 2)).rounded(.down) : 0
        pathCountMax = Int(
            (0.5 / (epsilon * epsilon) * (dimension + 1 + log(2 / delta))).rounded(.up))
    }

    /// How many of the paths drawn pass through each core node.
    func run(
        threadCount: Int, isCancelled: @Sendable () -> Bool
    ) -> (passed: [UInt32], pathCount: Int)? {
        let firstCount = max(200, pathCountMax / 50)
        guard
            let first = draw(
                0..<firstCount, seed: ~seed, threadCount: threadCount, isCancelled: isCancelled)
        else { return nil }
        let logarithms = self.logarithms(first, pathCount: firstCount)
        var passed = [UInt32](repeating: 0, count: graph.nodeCount)
        var count = 0
        var next = max(1000, pathCountMax / 16)
        while count < pathCountMax {
            let range = count..<min(next, pathCountMax)
            guard
                let more = draw(
                    range, seed: seed, threadCount: threadCount, isCancelled: isCancelled)
            else { return nil }
            for node in passed.indices { passed[node] += more[node] }
            count = range.upperBound
            if isDone(passed, count, logarithms) { break }
            next = count + count / 4
        }
        return (passed, count)
    }

    private func draw(
        _ samples: Range<Int>, seed: UInt64, threadCount: Int, isCancelled: @Sendable () -> Bool
    ) -> [UInt32]? {
        let parts = parallelFor(threadCount: max(1, threadCount)) { thread -> [UInt32]? in
            var search = PathSearch(graph)
            for sample in stride(
                from: samples.lowerBound + thread, to: samples.upperBound,
                by: max(1, threadCount))
            {
                if sample % 64 < max(1, threadCount), isCancelled() { return nil }
                // A state of its own for each sample: the sequence of the seed, mixed once.
                var mixer = SplitMix64(state: seed &+ UInt64(sample) &* 0xD1B5_4A32_D192_ED03)
                var random = SplitMix64(state: mixer.next())
                search.sample(&random)
            }
            return search.counts()
        }
        var sums = [UInt32](repeating: 0, count: graph.nodeCount)
        for part in parts {
            guard let part else { return nil }
            for node in sums.indices { sums[node] += part[node] }
        }
        return sums
    }

    /// ln(1 / d(v)) for each node: d(v) = exp(-c epsilon^2 / b(v)) and a small even part, with the c
    /// for which both sides of all nodes sum up to delta / 2.
    private func logarithms(_ passed: [UInt32], pathCount: Int) -> [Double] {
        let evenPart = 0.001
        let nodeCount = Double(passed.count)
        // Equal counts have equal shares; there are few different ones.
        var histogram: [UInt32: Int] = [:]
        for count in passed { histogram[max(1, count), default: 0] += 1 }
        let square = epsilon * epsilon * Double(pathCount)
        func sum(_ factor: Double) -> Double {
            histogram.keys.sorted().reduce(0) { sum, count in
                sum + Double(histogram[count] ?? 0) * exp(-factor * square / Double(count))
            }
        }
        let budget = delta / 4 * (1 - evenPart)
        var low = 0.0
        var high = Double(passed.max() ?? 1) / square * log(nodeCount / budget) + 1
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if sum(middle) > budget { low = middle } else { high = middle }
        }
        let least = delta / 4 * evenPart / nodeCount
        return passed.map { -log(exp(-high * square / Double(max(1, $0))) + least) }
    }

    private func isDone(_ passed: [UInt32], _ count: Int, _ logarithms: [Double]) -> Bool {
        let samples = Double(count)
        let ratio = Double(pathCountMax) / samples
        for node in passed.indices {
            let logarithm = logarithms[node]
            let frequency = Double(passed[node]) / samples
            let spread = 2 * frequency * Double(pathCountMax) / logarithm
            let lower = 1.0 / 3 - ratio
            let upper = 1.0 / 3 + ratio
            let below = logarithm / samples * (lower + (lower * lower + spread).squareRoot())
            let above = logarithm / samples * (upper + (upper * upper + spread).squareRoot())
            if below > epsilon || above > epsilon { return false }
        }
        return true
    }
}
