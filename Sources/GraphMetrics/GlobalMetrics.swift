package import GraphEngine

/// The metrics that need the whole graph, of one epoch.
///
/// Computed beside the writer on a frozen snapshot and handed over as a value. Arrays are in
/// ascending order of the nodes' keys.
package struct GlobalMetrics: Sendable {
    /// The key at each position, ascending.
    package let nodeKeys: [NodeKey]
    /// Normalised betweenness.
    package let betweenness: [Double]
    /// Closeness with the correction for several components.
    package let closeness: [Double]
    /// Harmonic closeness, a plain sum.
    package let harmonic: [Double]
    /// Eigenvector centrality, L2 norm 1.
    package let eigenvector: [Double]
    /// PageRank, summing to 1.
    package let pageRank: [Double]
    /// Core numbers.
    package let coreNumber: [Int32]
    /// The component of each node, named by the place of its smallest key.
    package let component: [Int32]
    /// The largest eigenvalue of the adjacency matrix.
    package let eigenvalue: Double
    /// Whether betweenness, closeness and harmonic were computed from every node.
    package let isExact: Bool
    /// The most sources that a component was searched from.
    package let pivotCount: Int
    /// With probability `1 - betweennessDelta` no node's betweenness is off by more; 0 where exact.
    package let betweennessEpsilon: Double

    /// The probability that some node's betweenness is off by more than `betweennessEpsilon`.
    package static let betweennessDelta = 0.1

    /// How far to go and how to split the work.
    package struct Options: Sendable, Equatable {
        /// Above this product of nodes and edges, betweenness and closeness come from pivots.
        package var sampledAbove: Int
        /// The pivots taken from each component that has more nodes.
        package var pivotCount: Int
        /// The seed of the choice of pivots.
        package var seed: UInt64
        /// The threads to use.
        package var threadCount: Int

        /// The usual options; a product of 2e9 steps of Brandes is about ten seconds on one core.
        package init(
            sampledAbove: Int = 2_000_000_000, pivotCount: Int = 256, seed: UInt64 = 1,
            threadCount: Int = 2
        ) {
            self.sampledAbove = sampledAbove
            self.pivotCount = pivotCount
            self.seed = seed
            self.threadCount = threadCount
        }
    }

    /// Computes all of them.
    /// - Returns: nil where `isCancelled` said so.
    package static func compute(
        _ graph: GraphSnapshot, options: Options = Options(),
        isCancelled: @Sendable () -> Bool = { false }
    ) -> GlobalMetrics? {
        if isCancelled() { return nil }
        let component = connectedComponents(graph)
        let isSampled = graph.nodeCount * graph.edgeCount > options.sampledAbove
        let sources = SearchSources(
            labels: component, countMax: isSampled ? max(2, options.pivotCount) : nil,
            seed: options.seed)
        guard
            let closeness = closenessValues(
                graph, sources: sources, threadCount: options.threadCount,
                isCancelled: isCancelled),
            let betweenness = weightedBetweenness(
                FoldedGraph(graph, labels: component), sources: sources.nodes, weights: sources.weights(),
                threadCount: options.threadCount, isCancelled: isCancelled)
        else { return nil }
        let rank = GraphMetrics.pageRank(graph)
        if isCancelled() { return nil }
        let eigenvector = eigenvectorCentrality(graph)
        if isCancelled() { return nil }
        // By place in the order of the keys, which outlives the snapshot's numbering.
        var places = [Int32](repeating: 0, count: graph.nodeCount)
        for (place, position) in graph.positionsByKey.enumerated() {
            places[Int(position)] = Int32(place)
        }
        return GlobalMetrics(
            nodeKeys: graph.inKeyOrder(graph.nodeKeys),
            betweenness: graph.inKeyOrder(betweenness),
            closeness: graph.inKeyOrder(closeness.closeness),
            harmonic: graph.inKeyOrder(closeness.harmonic),
            eigenvector: graph.inKeyOrder(eigenvector.values), pageRank: graph.inKeyOrder(rank),
            coreNumber: graph.inKeyOrder(coreNumbers(graph)),
            component: graph.inKeyOrder(component).map { places[Int($0)] },
            eigenvalue: eigenvector.eigenvalue, isExact: sources.isExact,
            pivotCount: sources.rankCount, betweennessEpsilon: sources.betweennessEpsilon())
    }

    /// The position of a key, or nil where the epoch does not know it.
    /// - Complexity: O(log nodes).
    package func position(of key: NodeKey) -> Int? { nodeKeys.sortedPosition(of: key) }
}
