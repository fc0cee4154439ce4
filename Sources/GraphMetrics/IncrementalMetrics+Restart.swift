package import GraphEngine

extension IncrementalMetrics {
    /// Computes everything anew, after changes that it was not told of; what audits found stays.
    /// - Complexity: that of the static kernels.
    package mutating func restart(_ graph: AdjacencyGraph, threadCount: Int = 1) {
        let before = health
        self = IncrementalMetrics(
            graph, errorMax: pageRank.errorMax, edgePushesMax: edgePushesMax,
            threadCount: threadCount)
        for (metric, old) in before {
            let errorBound = health[metric]?.errorBound ?? .nan
            health[metric] = old
            health[metric]?.errorBound = errorBound
        }
    }
}
