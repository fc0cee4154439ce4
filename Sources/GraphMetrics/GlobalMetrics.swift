package import GraphEngine

/// The metrics that need the whole graph, of one epoch.
///
/// Computed beside the writer on a frozen snapshot and handed over as a value. Arrays are in
/// ascending order of the nodes' keys.
package struct GlobalMetrics: Sendable {
    /// The key at each place, ascending.
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
    /// The community of each node, named by the place of its smallest key.
    package let community: [Int32]
    /// Whether a node's component falls apart without it.
    package let isArticulationPoint: [Bool]

    /// The largest eigenvalue of the adjacency matrix.
    package let eigenvalue: Double
    /// The L2 norm of A x - eigenvalue · x for the eigenvector centralities x.
    package let eigenvectorResidual: Double
    /// The L1 error of PageRank at most.
    package let pageRankError: Double
    /// The modularity of the communities.
    package let modularity: Double
    /// The modularity that the last search from the ground up reached.
    package let searchedModularity: Double
    /// How betweenness was computed.
    package let betweennessAccuracy: MetricAccuracy
    /// How closeness was computed.
    package let closenessAccuracy: MetricAccuracy
    /// How harmonic closeness was computed; its error is one of the plain sum.
    package let harmonicAccuracy: MetricAccuracy

    /// Whether betweenness, closeness and harmonic were computed from every node.
    package var isExact: Bool { betweennessAccuracy.isExact && closenessAccuracy.isExact }

    /// The parts of the work, in their order.
    package enum Part: String, Sendable, CaseIterable {
        case component, coreNumber, pageRank, articulationPoint, community
        case eigenvector, closeness, betweenness
    }

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
        /// The seed of the choice of sources and paths, and of the order in which communities form.
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
    ///
    /// - Parameters:
    ///   - graph: The frozen graph.
    ///   - options: How far to go.
    ///   - previous: The metrics of an earlier epoch, from whose communities the new ones start.
    ///   - touched: The nodes whose edges came or went since then; needed with `previous`.
    ///   - isCancelled: Asked now and then.
    ///   - didFinish: Told of each part when it is done.
    /// - Returns: nil where `isCancelled` said so.
    package static func compute(
        _ graph: GraphSnapshot, options: Options = Options(), after previous: GlobalMetrics? = nil,
        touched: [NodeKey] = [], isCancelled: @Sendable () -> Bool = { false },
        didFinish: (Part) -> Void = { _ in }
    ) -> GlobalMetrics? {
        let threadCount = options.threadCount
        func isStopped(after part: Part) -> Bool {
            didFinish(part)
            return isCancelled()
        }
        if isCancelled() { return nil }
        let component = connectedComponents(graph, threadCount: threadCount)
        if isStopped(after: .component) { return nil }
        let cores = coreNumbers(graph, threadCount: threadCount)
        if isStopped(after: .coreNumber) { return nil }
        let rank = GraphMetrics.pageRank(
            graph, tolerance: pageRankErrorMax, threadCount: threadCount)
        if isStopped(after: .pageRank) { return nil }
        let cutNodes = articulationPoints(graph)
        if isStopped(after: .articulationPoint) { return nil }
        let communities = communities(graph, options, after: previous, touched: touched)
        if isStopped(after: .community) { return nil }
        let eigenvector = eigenvectorCentrality(graph, threadCount: threadCount)
        if isStopped(after: .eigenvector) { return nil }

        let work = graph.nodeCount.multipliedReportingOverflow(by: graph.edgeCount)
        func isSampled(above limit: Int) -> Bool { work.overflow || work.partialValue > limit }
        let pivotCount = max(2, options.pivotCount)
        let closenessSources = SearchSources(
            labels: component,
            countMax: isSampled(above: options.closenessSampledAbove) ? pivotCount : nil,
            seed: options.seed)
        guard
            let closeness = closenessValues(
                graph, sources: closenessSources, delta: options.delta, threadCount: threadCount,
                isCancelled: isCancelled), !isStopped(after: .closeness),
            let betweenness = estimatedBetweenness(
                graph, labels: component,
                sourceCountMax: isSampled(above: options.sampledAbove) ? pivotCount : nil,
                epsilon: options.epsilon, delta: options.delta, seed: options.seed,
                threadCount: threadCount, isCancelled: isCancelled)
        else { return nil }
        didFinish(.betweenness)

        func accuracy(_ epsilon: Double) -> MetricAccuracy {
            MetricAccuracy(
                epsilon: epsilon, delta: options.delta, sourceCount: closeness.sourceCount,
                pathCount: 0, isExact: closenessSources.isExact)
        }
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
            coreNumber: graph.inKeyOrder(cores),
            component: graph.inKeyOrder(component).map { places[Int($0)] },
            community: graph.inKeyOrder(communities.partition.labels).map { places[Int($0)] },
            isArticulationPoint: graph.inKeyOrder(cutNodes), eigenvalue: eigenvector.eigenvalue,
            eigenvectorResidual: eigenvector.residual, pageRankError: pageRankErrorMax,
            modularity: communities.partition.modularity,
            searchedModularity: communities.searchedModularity,
            betweennessAccuracy: betweenness.accuracy,
            closenessAccuracy: accuracy(closeness.closenessEpsilon),
            harmonicAccuracy: accuracy(closeness.harmonicEpsilon))
    }

    /// The position of a key, or nil where the epoch does not know it.
    /// - Complexity: O(log nodes).
    package func position(of key: NodeKey) -> Int? { nodeKeys.sortedPosition(of: key) }

    /// The smallest key in the component or community of the node at a place.
    package func name(of labels: [Int32], at place: Int) -> NodeKey { nodeKeys[Int(labels[place])] }

    private static var pageRankErrorMax: Double { 1e-10 }

    // MARK: - Communities

    /// Beyond this share of touched nodes a search from the ground up is no dearer than an update.
    private static var touchedShareMax: Double { 0.125 }
    /// Updated communities may lose this share of the modularity that a search has reached.
    private static var modularityLossMax: Double { 0.01 }

    /// Updates the communities of the previous epoch, or searches them from the ground up.
    private static func communities(
        _ graph: GraphSnapshot, _ options: Options, after previous: GlobalMetrics?,
        touched: [NodeKey]
    ) -> (partition: CommunityPartition, searchedModularity: Double) {
        let touchedMax = touchedShareMax * Double(graph.nodeCount)
        if let previous, Double(touched.count) <= touchedMax {
            let labels = carriedLabels(
                previous.community, keys: previous.nodeKeys, to: graph)
            let updated = updatedCommunities(
                graph, previous: labels,
                touched: touched.compactMap {
                    graph.position(of: $0).map { Int32($0) }
                }, threadCount: options.threadCount)
            let least =
                previous.searchedModularity - abs(previous.searchedModularity) * modularityLossMax
            if updated.modularity >= least { return (updated, previous.searchedModularity) }
        }
        let found = leidenCommunities(
            graph, seed: options.seed, threadCount: options.threadCount)
        return (found, found.modularity)
    }
}
