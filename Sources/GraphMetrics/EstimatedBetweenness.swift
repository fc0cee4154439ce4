// Betweenness under a budget: the values come from sampled sources, the bound from sampled paths.
//
// A source tells of the paths to all nodes at once, so sources give good values for nodes of small
// betweenness, too, which paths seldom pass; but their number must be large for a useful bound that
// holds whatever the graph, as a dependency may be as large as n - 2. Paths give that bound cheaply
// (`sampledBetweenness`), and coarse values. So what the sources say is moved, where need be, into the
// interval of half the error around what the paths say: if that one holds, the result is within the
// whole error, however bad the sources were.

package import GraphEngine

/// The normalised betweenness of all nodes and how good it is.
package struct BetweennessValues: Sendable, Equatable {
    /// The betweenness of each node, by position.
    package let values: [Double]
    /// How it was computed.
    package let accuracy: MetricAccuracy
}

/// Betweenness, exact where `sourceCountMax` is nil, else within `epsilon` with probability 1 - `delta`.
///
/// - Returns: nil where it was cancelled.
/// - Complexity: see `betweennessCentrality` and `sampledBetweenness`.
package func estimatedBetweenness(
    _ graph: GraphSnapshot, sourceCountMax: Int?, epsilon: Double = 0.05, delta: Double = 0.1,
    seed: UInt64 = 1, threadCount: Int = 1, isCancelled: @Sendable () -> Bool = { false }
) -> BetweennessValues? {
    estimatedBetweenness(
        graph, labels: connectedComponents(graph), sourceCountMax: sourceCountMax,
        epsilon: epsilon, delta: delta, seed: seed, threadCount: threadCount,
        isCancelled: isCancelled)
}

func estimatedBetweenness(
    _ graph: GraphSnapshot, labels: [Int32], sourceCountMax: Int?, epsilon: Double, delta: Double,
    seed: UInt64, threadCount: Int, isCancelled: @Sendable () -> Bool
) -> BetweennessValues? {
    let folded = FoldedGraph(graph, labels: labels)
    let sources = SearchSources(labels: labels, countMax: sourceCountMax, seed: seed)
    guard
        var values = weightedBetweenness(
            folded, sources: sources.nodes, weights: sources.weights(), threadCount: threadCount,
            isCancelled: isCancelled)
    else { return nil }
    let sourceBound = sources.betweennessEpsilon(delta: delta)
    if sourceBound <= epsilon {
        let accuracy = MetricAccuracy(
            epsilon: sourceBound, delta: delta, sourceCount: sources.rankCount, pathCount: 0,
            isExact: sources.isExact)
        return BetweennessValues(values: values, accuracy: accuracy)
    }
    guard
        let paths = sampledBetweenness(
            folded, epsilon: epsilon / 2, delta: delta, seed: seed, threadCount: threadCount,
            isCancelled: isCancelled)
    else { return nil }
    for node in values.indices {
        let low = max(0, paths.values[node] - paths.epsilon)
        values[node] = min(max(values[node], low), paths.values[node] + paths.epsilon)
    }
    let accuracy = MetricAccuracy(
        epsilon: 2 * paths.epsilon, delta: delta, sourceCount: sources.rankCount,
        pathCount: paths.pathCount, isExact: false)
    return BetweennessValues(values: values, accuracy: accuracy)
}
