import Synchronization

/// The latest latencies, for a figure that follows what happens now.
final class RecentLatencies: Sendable {
    private struct State {
        var values: [Duration] = []
        var next = 0
    }

    private static let countMax = 1024
    private let state = Mutex(State())

    func append(_ value: Duration) {
        state.withLock { state in
            if state.values.count < Self.countMax {
                state.values.append(value)
            } else {
                state.values[state.next] = value
                state.next = (state.next + 1) % Self.countMax
            }
        }
    }

    /// The median, and what one in a hundred exceeds; nil before the first value.
    func quantiles() -> (median: Duration, p99: Duration)? {
        let sorted = state.withLock { $0.values }.sorted()
        guard let last = sorted.indices.last else { return nil }
        // The nearest rank.
        return (sorted[last / 2], sorted[min(last, (sorted.count * 99 + 99) / 100 - 1)])
    }
}
