import GraphEngine
package import GraphMetrics

/// The global metrics of one frozen snapshot, and what can be said about nodes that came later.
package struct GlobalEpoch: Sendable {
    /// The metrics.
    package let metrics: GlobalMetrics
    /// The number of the state of the graph that they are of.
    package let epoch: Int64
    /// When that was frozen, seconds since 1970.
    package let asOf: Double
    /// How many nodes the component of a position has.
    private let componentSizes: [Int32: Int]

    /// The metrics as the state of that number.
    /// - Complexity: O(nodes)
    package init(metrics: GlobalMetrics, epoch: Int64, asOf: Double) {
        self.metrics = metrics
        self.epoch = epoch
        self.asOf = asOf
        var sizes: [Int32: Int] = [:]
        for component in metrics.component { sizes[component, default: 0] += 1 }
        componentSizes = sizes
    }

    func position(of key: NodeKey) -> Int? { metrics.position(of: key) }

    /// Betweenness, closeness and eigenvector centrality of a node; NaN where unknown.
    ///
    /// A node that the snapshot does not have yet is placed from its neighbours: see
    /// ``estimatedCloseness(neighbours:)`` and ``estimatedEigenvector(neighbours:)``. A node with
    /// at most one neighbour lies on no path between others, so its betweenness is 0; any other
    /// waits for the next epoch.
    func values(
        of key: NodeKey, degree: Int, neighbours: () -> [Int?]
    ) -> (betweenness: Double, closeness: Double, eigenvector: Double) {
        if let position = position(of: key) {
            return (
                metrics.betweenness[position], metrics.closeness[position],
                metrics.eigenvector[position]
            )
        }
        let positions = neighbours()
        return (
            degree <= 1 ? 0 : .nan, estimatedCloseness(neighbours: positions),
            estimatedEigenvector(neighbours: positions)
        )
    }

    /// One step of the eigen-equation: the sum over the neighbours, divided by the eigenvalue.
    private func estimatedEigenvector(neighbours: [Int?]) -> Double {
        guard !neighbours.isEmpty else { return 0 }
        let known = neighbours.compactMap { $0 }
        guard !known.isEmpty, metrics.eigenvalue > 0 else { return .nan }
        return known.reduce(0) { $0 + metrics.eigenvector[$1] } / metrics.eigenvalue
    }

    /// A lower bound from the best neighbour: whatever it reaches in d steps, the new node reaches
    /// in at most d + 1.
    ///
    /// With c the neighbour's closeness in a component of r of n nodes, its distances sum to
    /// S = (r - 1)² / ((n - 1) c); those of the new node to at most S + r, among n + 1 nodes.
    private func estimatedCloseness(neighbours: [Int?]) -> Double {
        guard !neighbours.isEmpty else { return 0 }
        let nodeCount = Double(metrics.closeness.count)
        var best = Double.nan
        for case let position? in neighbours {
            let reached = Double(componentSizes[metrics.component[position]] ?? 1)
            let closeness = metrics.closeness[position]
            let distanceSum =
                closeness > 0 ? (reached - 1) * (reached - 1) / ((nodeCount - 1) * closeness) : 0
            let estimate = (reached / nodeCount) * (reached / (distanceSum + reached))
            best = best.isNaN ? estimate : max(best, estimate)
        }
        return best
    }
}
