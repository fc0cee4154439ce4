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
    /// How betweenness was computed.
    package let betweennessAccuracy: MetricAccuracy
    /// How closeness was computed.
    package let closenessAccuracy: MetricAccuracy
    /// How harmonic closeness was computed; its error is one of the plain sum.
    package let harmonicAccuracy: MetricAccuracy

    /// Whether betweenness, closeness and harmonic were computed from every node.
    package var isExact: Bool { betweennessAccuracy.isExact && closenessAccuracy.isExact }
    /// The most sources that a component was searched from.
    package var pivotCount: Int { betweennessAccuracy.sourceCount }
    /// With probability `1 - betweennessAccuracy.delta` no node's betweenness is off by more; 0 where
    /// exact.
    package var betweennessEpsilon: Double { betweennessAccuracy.epsilon }
    /// With probability `1 - closenessAccuracy.delta` no node's closeness is off by more; 0 where exact.
    package var closenessEpsilon: Double { closenessAccuracy.epsilon }

    /// How far to go and how to split the work.
    package struct Options: Sendable, Equatable {
        /// Above this product of nodes and edges, betweenness is sampled.
        package var sampledAbove: Int
        /// Above this product of nodes and edges, closeness and harmonic closeness are sampled.
        package var closenessSampledAbove: Int
        /// The sources taken from each component that has more nodes, where a metric is sampled.
        package var pivotCount: Int
        /// How far off a sampled betweenness may be.
        package var epsilon: Double
        /// The probability that any value of a sampled metric is farther off than it states.
        package var delta: Double
        /// The seed of the choice of sources and paths.
        package var seed: UInt64
        /// The threads to use.
        package var threadCount: Int

        /// The usual options; both products are some seconds of work on one core.
        package init(
            sampledAbove: Int = 2_000_000_000, closenessSampledAbove: Int = 20_000_000_000,
            pivotCount: Int = 256, epsilon: Double = 0.05, delta: Double = 0.1, seed: UInt64 = 1,
            threadCount: Int = 2
        ) {
            self.sampledAbove = sampledAbove
            self.closenessSampledAbove = closenessSampledAbove
            self.pivotCount = pivotCount
            self.epsilon = epsilon
            self.delta = delta
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
        let work = graph.nodeCount.multipliedReportingOverflow(by: graph.edgeCount)
        func isSampled(above limit: Int) -> Bool { work.overflow || work.partialValue > limit }
        let pivotCount = max(2, options.pivotCount)
        let closenessSources = SearchSources(
            labels: component,
            countMax: isSampled(above: options.closenessSampledAbove) ? pivotCount : nil,
            seed: options.seed)
        guard
            let closeness = closenessValues(
                graph, sources: closenessSources, delta: options.delta,
                threadCount: options.threadCount, isCancelled: isCancelled),
            let betweenness = estimatedBetweenness(
                graph, labels: component,
                sourceCountMax: isSampled(above: options.sampledAbove) ? pivotCount : nil,
                epsilon: options.epsilon, delta: options.delta, seed: options.seed,
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
            betweenness: graph.inKeyOrder(betweenness.values),
            closeness: graph.inKeyOrder(closeness.closeness),
            harmonic: graph.inKeyOrder(closeness.harmonic),
            eigenvector: graph.inKeyOrder(eigenvector.values), pageRank: graph.inKeyOrder(rank),
            coreNumber: graph.inKeyOrder(coreNumbers(graph)),
            component: graph.inKeyOrder(component).map { places[Int($0)] },
            eigenvalue: eigenvector.eigenvalue, betweennessAccuracy: betweenness.accuracy,
            closenessAccuracy: MetricAccuracy(
                epsilon: closeness.closenessEpsilon, delta: options.delta,
                sourceCount: closeness.sourceCount, pathCount: 0,
                isExact: closenessSources.isExact),
            harmonicAccuracy: MetricAccuracy(
                epsilon: closeness.harmonicEpsilon, delta: options.delta,
                sourceCount: closeness.sourceCount, pathCount: 0,
                isExact: closenessSources.isExact))
    }

    /// The position of a key, or nil where the epoch does not know it.
    /// - Complexity: O(log nodes).
    package func position(of key: NodeKey) -> Int? { nodeKeys.sortedPosition(of: key) }
}
