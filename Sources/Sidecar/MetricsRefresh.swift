package import AnomalyDetection
package import GraphEngine
package import GraphMetrics
import PostgresClient

/// The global metrics of a refresh, whom they move, what each part took, and a PageRank to go on from.
package struct RefreshedMetrics: Sendable {
    package var epoch: GlobalEpoch
    /// The entities that these metrics move, by id.
    package var movedEntityIDs: [Int64]
    package var seconds: [GlobalMetrics.Part: Double]
    /// The PageRank of the copy, ready to be kept.
    package var pageRank: DynamicPageRank
    /// What the word of each rater counts; nil without ratings.
    package var standings: TrustStandings?
}

/// Global metrics computed beside the writer, on a frozen copy of the graph.
///
/// The writer starts one, goes on, and asks for the result whenever it wakes: a value handed over,
/// so there is nothing to lock but the box it lies in.
package struct MetricsRefresh: Sendable {
    private let task: Task<RefreshedMetrics?, Never>
    private let box = ResultBox<RefreshedMetrics>()

    /// Starts on the copy, at background priority; `whenDone` is called from its thread.
    ///
    /// `touched` are the nodes whose edges changed since `previous`; nil where that is not known. `asOf` is
    /// the time of the copy, in seconds since 1970.
    package init(
        of graph: AdjacencyGraph, after previous: GlobalEpoch? = nil, touched: [NodeKey]? = nil,
        ratingTypes: Set<Int32>, asOf: Double, seed: UInt64, threadCount: Int,
        whenDone: @escaping @Sendable () -> Void = {}
    ) {
        let box = box
        task = Task.detached(
            executorPreference: BlockingExecutor.forLongWork(), priority: .background
        ) {
            let refreshed = Self.compute(
                graph, after: previous, touched: touched, ratingTypes: ratingTypes, asOf: asOf,
                options: GlobalMetrics.Options(seed: seed, threadCount: threadCount))
            box.put(refreshed)
            whenDone()
            return refreshed
        }
    }

    private static func compute(
        _ graph: AdjacencyGraph, after previous: GlobalEpoch?, touched: [NodeKey]?,
        ratingTypes: Set<Int32>, asOf: Double, options: GlobalMetrics.Options
    ) -> RefreshedMetrics? {
        var seconds: [GlobalMetrics.Part: Double] = [:]
        var started = ContinuousClock.now
        let snapshot = graph.makeSnapshot(threadCount: options.threadCount)
        let metrics = GlobalMetrics.compute(
            snapshot, options: options, after: touched == nil ? nil : previous?.metrics,
            touched: touched ?? [],
            isCancelled: { Task.isCancelled },
            didFinish: { part in
                let now = ContinuousClock.now
                seconds[part] = (now - started) / .seconds(1)
                started = now
            })
        return metrics.map { metrics in
            // The ranks come in the order of the keys; the snapshot numbers by degree.
            var ranks = [Double](repeating: 0, count: snapshot.nodeCount)
            for (place, position) in snapshot.positionsByKey.enumerated() {
                ranks[Int(position)] = metrics.pageRank[place]
            }
            return RefreshedMetrics(
                epoch: GlobalEpoch(
                    metrics: metrics, epoch: (previous?.epoch ?? 0) + 1, asOf: asOf),
                movedEntityIDs: GlobalEpoch.entitiesMoved(by: metrics, after: previous),
                seconds: seconds,
                pageRank: IncrementalMetrics.pageRank(of: graph, snapshot: snapshot, ranks: ranks),
                standings: TrustStandings.compute(graph, ratingTypes: ratingTypes))
        }
    }

    /// The finished metrics, once; `nil` while they are being computed.
    package func take() -> RefreshedMetrics? {
        box.take()
    }

    /// Waits for the result; `nil` when it was cancelled.
    package func value() async -> RefreshedMetrics? {
        await task.value
    }

    package func cancel() {
        task.cancel()
    }
}
