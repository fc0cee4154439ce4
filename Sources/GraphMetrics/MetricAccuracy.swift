/// How the values of a metric were computed, and how far off they may be.
package struct MetricAccuracy: Sendable, Equatable {
    /// With probability `1 - delta` no node's value is off by more; 0 where exact.
    package let epsilon: Double
    /// The probability that some value is off by more than `epsilon`; 0 where exact.
    package let delta: Double
    /// The most sources that a component was searched from; all of its nodes where exact.
    package let sourceCount: Int
    /// The shortest paths that were drawn to bound the error; 0 where there were none.
    package let pathCount: Int

    /// Whether every node was a source.
    package let isExact: Bool

    init(epsilon: Double, delta: Double, sourceCount: Int, pathCount: Int, isExact: Bool) {
        self.epsilon = isExact ? 0 : epsilon
        self.delta = isExact ? 0 : delta
        self.sourceCount = sourceCount
        self.pathCount = pathCount
        self.isExact = isExact
    }

    /// The method in words: `exact`, `sources` or `sources and paths`.
    package var method: String {
        if isExact { return "exact" }
        return pathCount > 0 ? "sources and paths" : "sources"
    }
}
