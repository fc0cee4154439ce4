// Centralities of a node that is newer than the last epoch, from its neighbors in the epoch.
//
// Let the new node have k neighbors that the epoch knows, u one of them, in a component of r nodes, of n
// in all. A path to the new node passes through a neighbor, so for every other node x of the component
//
//     d(new, x) <= d(u, x) + 1, equal for k = 1;    d(new, x) >= 2 where x is no neighbor.
//
// (That it is at least d(u, x) - 1 holds in the new graph only, where the node is a short cut itself.)
// Summed over the component, these give an interval for closeness and harmonic closeness; the intervals
// of all neighbors are cut, the middle is the estimate and half the width the error bound. The bounds
// hold against the epoch's graph with the new node added; they do not see what else has changed since,
// or where the epoch's values are sampled. Eigenvector centrality gets one step of its equation, whose
// error is not known, and betweenness is known only where no path can lead through the node.

/// What an epoch knows about a neighbor of a new node.
package struct EpochNeighbor: Sendable, Equatable {
    /// The nodes of its component.
    package var componentSize: Int
    /// Its centralities.
    package var closeness, harmonic, eigenvector: Double

    /// Puts the parts together.
    package init(componentSize: Int, closeness: Double, harmonic: Double, eigenvector: Double) {
        self.componentSize = componentSize
        self.closeness = closeness
        self.harmonic = harmonic
        self.eigenvector = eigenvector
    }
}

/// Estimates for a node that the last epoch does not have.
package struct CentralityEstimates: Sendable {
    /// How many nodes the epoch has.
    package let nodeCount: Int
    /// The largest eigenvalue of its adjacency matrix.
    package let eigenvalue: Double
    /// The epoch and its time.
    package let epoch: Int64
    /// When the epoch's snapshot was taken.
    package let asOf: Double

    /// Takes what is needed of an epoch.
    package init(nodeCount: Int, eigenvalue: Double, epoch: Int64, asOf: Double) {
        self.nodeCount = nodeCount
        self.eigenvalue = eigenvalue
        self.epoch = epoch
        self.asOf = asOf
    }

    /// Betweenness: 0 below two neighbors, otherwise unknown.
    package func betweenness(degree: Int) -> MetricValue {
        degree < 2 ? value(0, bound: 0) : .unknown
    }

    /// One step of the eigen-equation; unknown without a neighbor in the epoch.
    package func eigenvector(_ neighbors: [EpochNeighbor], degree: Int) -> MetricValue {
        if degree == 0 { return value(0, bound: 0) }
        guard !neighbors.isEmpty, eigenvalue > 0 else { return .unknown }
        return value(neighbors.reduce(0) { $0 + $1.eigenvector } / eigenvalue, bound: .nan)
    }

    /// Closeness from the neighbors that the epoch has.
    ///
    /// All of them must be in one component and `degree` must be their number, or there is no bound.
    package func closeness(_ neighbors: [EpochNeighbor], degree: Int) -> MetricValue {
        estimate(neighbors, degree: degree) { neighbor in
            let others = Double(neighbor.componentSize - 1)
            // The neighbor's distances sum to this; those of the new node lie around it.
            let distanceSum =
                neighbor.closeness > 0
                ? others * others / (Double(nodeCount - 1) * neighbor.closeness) : 0
            let reached = Double(neighbor.componentSize)
            let scale = reached * reached / Double(nodeCount)
            let near = Double(degree)
            let most = distanceSum + reached
            let least = degree == 1 ? most : near + 2 * (reached - near)
            return (scale / most, scale / least)
        }
    }

    /// Harmonic closeness from the neighbors that the epoch has; conditions as for `closeness`.
    package func harmonic(_ neighbors: [EpochNeighbor], degree: Int) -> MetricValue {
        estimate(neighbors, degree: degree) { neighbor in
            let near = Double(degree)
            let reached = Double(neighbor.componentSize)
            // 1 / (d + 1) is at least half of 1 / d, and what is no neighbor is two steps away.
            return (max(near, 1 + neighbor.harmonic / 2), near + (reached - near) / 2)
        }
    }

    private func estimate(
        _ neighbors: [EpochNeighbor], degree: Int,
        interval: (EpochNeighbor) -> (low: Double, high: Double)
    ) -> MetricValue {
        if degree == 0 { return value(0, bound: 0) }
        guard let first = neighbors.first else { return .unknown }
        var (low, high) = interval(first)
        var isBound = neighbors.count == degree
        for neighbor in neighbors.dropFirst() {
            let next = interval(neighbor)
            low = max(low, next.low)
            high = min(high, next.high)
            if neighbor.componentSize != first.componentSize { isBound = false }
        }
        guard isBound, low <= high else { return value(low, bound: .nan) }
        return value((low + high) / 2, bound: (high - low) / 2)
    }

    private func value(_ value: Double, bound: Double) -> MetricValue {
        MetricValue(
            value,
            MetricProvenance(method: .estimated, epoch: epoch, asOf: asOf, errorBound: bound))
    }
}
