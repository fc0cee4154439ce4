// Closeness: S. Wasserman, K. Faust, "Social Network Analysis" (1994), section 5.3.3,
// doi:10.1017/CBO9780511815478; harmonic closeness: M. Marchiori, V. Latora, "Harmony in the
// small-world", Physica A 285 (2000), doi:10.1016/S0378-4371(00)00311-3. The searches share their work
// as by M. Then et al., "The more the merrier: efficient multi-source graph traversal", PVLDB 8 (2014),
// doi:10.14778/2735496.2735507.
//
// closeness(v) = ((r - 1) / (n - 1)) · ((r - 1) / sum of d(v, u)), r = nodes reachable, v included;
// harmonic(v)  = sum of 1 / d(v, u) over the other reachable nodes, not normalised, as in NetworkX.
//
// With sampled sources, the mean over a component's sources stands for the mean over its nodes: D.
// Eppstein, J. Wang, "Fast approximation of centrality", Journal of Graph Algorithms and Applications 8
// (2004), doi:10.7155/jgaa.00081. The bounds come from Hoeffding's inequality for samples without
// repetition, as sharpened by R. J. Serfling, "Probability inequalities for the sum in sampling without
// replacement", Annals of Statistics 2 (1974), doi:10.1214/aos/1176342611.

package import GraphEngine
import ParallelLoops

/// Closeness and harmonic closeness of each node, by position.
package struct ClosenessValues: Sendable, Equatable {
    /// The closeness with the correction for several components, in [0, 1]; 0 for a node alone.
    package var closeness: [Double]
    /// The sum of the reciprocal distances.
    package var harmonic: [Double]
    /// The most sources that a component was searched from.
    package var sourceCount: Int
    /// The probability that some value is off by more than its bound, for each of the two measures.
    package var delta: Double
    /// With probability `1 - delta` no node's closeness is off by more; 0 where exact.
    package var closenessEpsilon: Double
    /// With probability `1 - delta` no node's harmonic closeness is off by more; 0 where exact.
    package var harmonicEpsilon: Double
}

/// Closeness and harmonic closeness of each node from one set of searches.
///
/// Exact where `sourceCountMax` is nil; else at most that many sampled sources for each component.
/// - Returns: nil where `isCancelled` said so.
/// - Complexity: O(sources / 256 · (nodes + edges) · levels in which a node's bits arrive).
package func closenessValues(
    _ graph: GraphSnapshot, sourceCountMax: Int? = nil, delta: Double = 0.1, seed: UInt64 = 0,
    threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> ClosenessValues? {
    let sources = SearchSources(
        labels: connectedComponents(graph), countMax: sourceCountMax, seed: seed)
    return closenessValues(
        graph, sources: sources, delta: delta, threadCount: threadCount,
        isCancelled: isCancelled)
}

/// The closeness of each node, exact; empty where it was cancelled.
/// - Complexity: see `closenessValues`.
package func closenessCentrality(
    _ graph: GraphSnapshot, threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> [Double] {
    closenessValues(graph, threadCount: threadCount, isCancelled: isCancelled)?.closeness ?? []
}

/// The harmonic closeness of each node, exact; empty where it was cancelled.
/// - Complexity: see `closenessValues`.
package func harmonicCentrality(
    _ graph: GraphSnapshot, threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> [Double] {
    closenessValues(graph, threadCount: threadCount, isCancelled: isCancelled)?.harmonic ?? []
}

func closenessValues(
    _ graph: GraphSnapshot, sources: SearchSources, delta: Double, threadCount: Int,
    isCancelled: @Sendable () -> Bool
) -> ClosenessValues? {
    // Every thread gets a batch, even where one would hold all sources.
    let threads = max(1, min(threadCount, sources.rankCount))
    let batchSize = max(1, min(BitSearch.laneCount, (sources.rankCount + threads - 1) / threads))
    let batchCount = (sources.rankCount + batchSize - 1) / batchSize
    let parts = parallelFor(threadCount: threads) { thread -> DistanceSums? in
        let kernel = BitSearch(nodeCount: graph.nodeCount)
        for batch in stride(from: thread, to: batchCount, by: threads) {
            let start = batch * batchSize
            let isDone = kernel.run(
                graph, sources, ranks: start..<min(start + batchSize, sources.rankCount),
                isCancelled: isCancelled)
            if !isDone { return nil }
        }
        let sums = kernel.sums()
        return DistanceSums(distances: sums.distances, reciprocals: sums.reciprocals)
    }
    var distances = [Int](repeating: 0, count: graph.nodeCount)
    var reciprocals = [Double](repeating: 0, count: graph.nodeCount)
    for part in parts {
        guard let part else { return nil }
        for node in 0..<graph.nodeCount {
            distances[node] += part.distances[node]
            reciprocals[node] += part.reciprocals[node]
        }
    }
    return finished(
        graph, distances: distances, reciprocals: reciprocals, sources: sources, delta: delta)
}

/// What arrived at each node: the sum of the distances and that of their reciprocals.
private struct DistanceSums: Sendable {
    var distances: [Int]
    var reciprocals: [Double]
}

/// Turns sums over the sources into the two measures.
private func finished(
    _ graph: GraphSnapshot, distances: [Int], reciprocals: [Double], sources: SearchSources,
    delta: Double
) -> ClosenessValues {
    let nodeCount = distances.count
    var values = ClosenessValues(
        closeness: [Double](repeating: 0, count: nodeCount), harmonic: reciprocals,
        sourceCount: sources.rankCount, delta: delta, closenessEpsilon: 0, harmonicEpsilon: 0)
    let deviations = sources.meanDeviations(delta: delta)
    let spans = distanceBounds(graph, sources)
    for node in 0..<nodeCount where distances[node] > 0 {
        let label = Int(sources.labels[node])
        let others = Double(sources.componentSizes[label] - 1)
        let share = others / Double(nodeCount - 1)
        var distanceSum = Double(distances[node])
        if sources.sourceCounts[label] < sources.componentSizes[label] {
            // The node itself may be among the sources; it tells nothing about the others.
            let isSource = sources.contains(Int32(node))
            let scale = others / Double(sources.sourceCounts[label] - (isSource ? 1 : 0))
            distanceSum *= scale
            values.harmonic[node] *= scale
            // Distances lie in [1, span], their reciprocals in [1 / span, 1].
            let span = spans[label]
            let mean = distanceSum / others
            let meanError = deviations[label] * (span - 1)
            let closenessError = max(
                1 / max(1, mean - meanError) - 1 / mean, 1 / mean - 1 / min(span, mean + meanError))
            values.closenessEpsilon = max(values.closenessEpsilon, share * closenessError)
            values.harmonicEpsilon = max(
                values.harmonicEpsilon, others * deviations[label] * (1 - 1 / span))
        }
        values.closeness[node] = share * (others / distanceSum)
    }
    return values
}

/// A bound on the distances in the component of each label that is sampled; 1 elsewhere.
private func distanceBounds(_ graph: GraphSnapshot, _ sources: SearchSources) -> [Double] {
    var bounds = [Double](repeating: 1, count: graph.nodeCount)
    guard !sources.isExact else { return bounds }
    // The first node of a component has its largest degree and lies near its middle.
    var isStarted = [Bool](repeating: false, count: graph.nodeCount)
    var starts: [Int] = []
    for node in 0..<graph.nodeCount {
        let label = Int(sources.labels[node])
        guard !isStarted[label] else { continue }
        isStarted[label] = true
        if sources.sourceCounts[label] < sources.componentSizes[label] { starts.append(node) }
    }
    let order = BreadthFirstOrder(offsets: graph.offsets, targets: graph.targets, starts: starts)
    for (start, eccentricity) in zip(starts, order.eccentricities) {
        bounds[Int(sources.labels[start])] = Double(max(1, 2 * eccentricity))
    }
    return bounds
}
