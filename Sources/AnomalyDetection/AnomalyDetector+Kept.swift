package import GraphEngine
package import GraphMetrics

extension AnomalyDetector {
    /// A change costs the kept metrics some microseconds, the kernels some tenths of one for each node
    /// and row: a batch of more than this share of the graph is computed anew instead of followed.
    private static var followedShareMax: Double { 1.0 / 64 }
    /// Below so many changes the kernels are not worth starting.
    private static var followedCountMin: Int { 1024 }

    /// The most edges that a batch's pushes for PageRank go along, about 0.6 ms.
    ///
    /// Where they do not reach the error wanted, the stored error says so until the next refresh.
    private static var edgePushesMax: Int { 4_096 }

    func isLarge(_ batch: ChangeBatch) -> Bool {
        let size = graph.nodeCount + graph.edgeCount
        return batch.changeCount
            > max(Self.followedCountMin, Int(Double(size) * Self.followedShareMax))
    }

    /// Computes core numbers, components and PageRank from the graph, and keeps them from now on.
    /// - Complexity: that of the kernels.
    package mutating func keepMetrics(threadCount: Int = 1) {
        kept = IncrementalMetrics(
            graph, edgePushesMax: Self.edgePushesMax, threadCount: threadCount)
    }

    /// Stops keeping metrics, for as long as many changes come at once; see ``resumeMetrics(_:)``.
    package mutating func suspendMetrics() -> IncrementalMetrics? { kept.take() }

    /// Computes anew what was suspended, and keeps it again.
    /// - Complexity: that of the kernels.
    package mutating func resumeMetrics(_ suspended: consuming IncrementalMetrics?) {
        guard var metrics = suspended else { return }
        metrics.restart(graph)
        hasLostTouched = true
        kept = metrics
    }

    /// Begins a refresh of the global metrics on a copy of the graph: from now on the changes are noted
    /// that the PageRank computed from it must take in.
    /// - Returns: The nodes whose edges changed since the last refresh began; nil where they are not all
    ///   known.
    package mutating func beginRefresh() -> [NodeKey]? {
        kept?.beginPageRankLog()
        let nodes = kept?.takeFrontier() ?? []
        defer { hasLostTouched = kept == nil }
        guard !hasLostTouched else { return nil }
        return nodes.filter(graph.isLive).map(graph.nodeKey(at:))
    }

    /// Takes the PageRank of the graph as it was when the refresh began, and the changes since.
    package mutating func adopt(pageRank: DynamicPageRank) { kept?.adoptPageRank(pageRank) }

    /// Compares kept metrics with recomputed ones at random entities.
    ///
    /// A metric that is found outside its bound is recomputed from now on.
    /// - Returns: What was found.
    package mutating func audit(
        _ audit: inout MetricAudit, sampleCount: Int
    ) -> [MetricFinding] {
        guard let metrics = kept else { return [] }
        let outcome = audit.sample(sampleCount, of: metrics, graph)
        kept?.note(outcome.findings, auditedCounts: outcome.auditedCounts)
        return outcome.findings
    }
}
