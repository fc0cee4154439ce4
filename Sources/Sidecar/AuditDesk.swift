import AnomalyDetection
import ChangeFeed
import Synchronization

/// Where the audit of memory and the follower meet: the audit asks for copies of the detector and for rows
/// to be read again, the follower serves it between batches.
final class AuditDesk: Sendable {
    /// A copy of the detector, and the place of the feed at which it is.
    struct Copy: Sendable {
        var detector: AnomalyDetector
        var place: FeedSnapshot
        /// How long a round is to take.
        var interval: Duration
    }

    /// Rows that are to be read again, as if they had been changed.
    struct Wanted: Sendable {
        var entityIDs: [Int64] = []
        var relationshipIDs: [Int64] = []
    }

    private struct State {
        var isWaiting = false
        var copy: Copy?
        var wanted: Wanted?
        /// What cannot be held, of the rows that were read again; nil until they are.
        var orphans: Set<Int64>?
        var isReloadWanted = false
        /// Wakes the follower; nil while nobody follows.
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    // MARK: - The audit's side

    /// Whether a follower is there.
    var isOpen: Bool { state.withLock { $0.wake != nil } }

    /// Waits for a copy.
    func borrow() async throws -> Copy {
        state.withLock { state in
            state.isWaiting = true
            state.copy = nil
            state.wake?()
        }
        return try await answer { state in
            defer { state.copy = nil }
            return state.copy
        }
    }

    /// Has rows read again, and waits until they are judged.
    ///
    /// - Returns: relationships among them that cannot be held, for an end of theirs is in no table.
    func heal(_ wanted: Wanted) async throws -> Set<Int64> {
        state.withLock { state in
            state.wanted = wanted
            state.orphans = nil
            state.wake?()
        }
        return try await answer { $0.orphans }
    }

    /// Has the whole graph loaded again.
    func askForReload() {
        state.withLock { state in
            state.isReloadWanted = true
            state.wake?()
        }
    }

    private func answer<Value: Sendable>(
        _ take: (inout sending State) -> sending Value?
    ) async throws -> Value {
        while true {
            try Task.checkCancellation()
            if let value = state.withLock({ take(&$0) }) { return value }
            // A follower that has gone answers no more.
            guard isOpen else { throw CancellationError() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    // MARK: - The follower's side

    /// The follower is there.
    func open(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if state.wake == nil { state.wake = wake }
        }
    }

    /// Nobody follows until `open` is called again.
    func close() {
        state.withLock { $0 = State() }
    }

    /// Gives a copy where one is waited for.
    func lend(_ copy: @autoclosure () -> Copy?) {
        state.withLock { state in
            guard state.isWaiting, let copy = copy() else { return }
            state.isWaiting = false
            state.copy = copy
        }
    }

    /// Rows that are to be read again, once.
    func takeWanted() -> Wanted? {
        state.withLock { state in
            defer { state.wanted = nil }
            return state.wanted
        }
    }

    /// Says that they were read again.
    func didHeal(orphans: Set<Int64>) {
        state.withLock { $0.orphans = orphans }
    }

    /// Whether the whole graph is to be loaded again, once.
    func takeReload() -> Bool {
        state.withLock { state in
            defer { state.isReloadWanted = false }
            return state.isReloadWanted
        }
    }
}
