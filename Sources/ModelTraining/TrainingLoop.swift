import ParallelLoops

/// Work on many rows over threads, in chunks between which the run can be cancelled.
struct TrainingLoop {
    /// How many threads there are; no result depends on it.
    var threadCount: Int
    /// Whether somebody wants the run to end.
    var isCancelled: () -> Bool

    /// A tenth of a second or so.
    private static let chunkSize = 1000

    /// Fails where somebody wants the run to end.
    func check() throws(TrainingError) {
        guard !isCancelled() else {
            throw TrainingError(
                code: .cancelled, message: "the training was cancelled; nothing was stored")
        }
    }

    /// The results of `body` for 0..<count in order.
    func map<Result: Sendable>(
        _ count: Int, progress: (Double) -> Void = { _ in }, _ body: @Sendable (Int) -> Result
    ) throws(TrainingError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: Self.chunkSize) {
            try check()
            let end = min(start + Self.chunkSize, count)
            // Some rows an item: a thread takes its next item under a lock.
            let items = (end - start - 1) / Self.rowsPerItem + 1
            let parts = parallelMap(items, threadCount: threadCount) { item in
                let first = start + item * Self.rowsPerItem
                return (first..<min(first + Self.rowsPerItem, end)).map(body)
            }
            for part in parts { results += part }
            progress(Double(end) / Double(count))
        }
        return results
    }

    private static let rowsPerItem = 32

    /// The results of `body` for 0..<count in order, each of which takes some time.
    func each<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int) -> Result
    ) throws(TrainingError) -> [Result] {
        var results: [Result] = []
        let step = 4 * max(1, threadCount)
        for start in stride(from: 0, to: count, by: step) {
            try check()
            results += parallelMap(min(step, count - start), threadCount: threadCount) {
                body(start + $0)
            }
        }
        return results
    }
}
