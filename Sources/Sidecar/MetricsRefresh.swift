import AnomalyDetection
package import GraphEngine
package import GraphMetrics

/// Global metrics computed beside the writer, on a frozen snapshot.
///
/// The writer starts one, goes on, and asks for the result whenever it wakes: a value handed over,
/// so there is nothing to lock but the box it lies in.
package struct MetricsRefresh: Sendable {
    private let task: Task<GlobalMetrics?, Never>
    private let box = ResultBox()

    /// Starts on the snapshot, at background priority; `whenDone` is called from its thread.
    package init(
        of snapshot: GraphSnapshot, seed: UInt64, threadCount: Int,
        whenDone: @escaping @Sendable () -> Void = {}
    ) {
        let box = box
        task = Task.detached(priority: .background) {
            let metrics = GlobalMetrics.compute(
                snapshot,
                options: GlobalMetrics.Options(seed: seed, threadCount: threadCount),
                isCancelled: { Task.isCancelled })
            box.put(metrics)
            whenDone()
            return metrics
        }
    }

    /// The finished metrics, once; `nil` while they are being computed.
    package func take() -> GlobalMetrics? {
        box.take()
    }

    /// Waits for the result; `nil` when it was cancelled.
    package func value() async -> GlobalMetrics? {
        await task.value
    }

    package func cancel() {
        task.cancel()
    }
}
