import ChangeFeed
import Foundation
import PostgresClient
import Synchronization

/// Finds out when a committed change's score is visible to another session.
///
/// Scores and the feed's place are written in one transaction: a change is scored when its
/// transaction is visible in the stored snapshot. A session of its own looks at that again and
/// again, so latencies come out late by up to one pause and one round trip, never early.
final class VisibilityWatch: Sendable {
    /// A transaction that was committed and whose scores are awaited.
    private struct Awaited: Sendable {
        var transaction: UInt64
        var due: ContinuousClock.Instant
        var committed: ContinuousClock.Instant
    }

    private struct State: Sendable {
        var awaited: [Awaited] = []
        var isOver = false
        var fromCommit = LatencyRecord()
        var fromSchedule = LatencyRecord()
    }

    private let state = Mutex(State())
    private let connection: PostgresConnection
    private let pause: Duration

    init(conninfo: String, pause: Duration) async throws {
        connection = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark watch")
        self.pause = pause
    }

    /// A transaction has been committed; `due` is when it should have been sent.
    func add(
        _ transaction: UInt64, due: ContinuousClock.Instant, at instant: ContinuousClock.Instant
    ) {
        state.withLock {
            $0.awaited.append(Awaited(transaction: transaction, due: due, committed: instant))
        }
    }

    /// Watches while the body runs and until all of its changes are scored, at most so long.
    /// - Returns: latencies from COMMIT and from the scheduled time, and how many were never scored.
    func watch(
        patience: Duration = .seconds(60), _ body: () async throws -> Void
    ) async throws -> Seen {
        state.withLock { $0 = State() }
        async let watching: Void = look(patience)
        do {
            try await body()
            state.withLock { $0.isOver = true }
        } catch {
            state.withLock { $0 = State(isOver: true) }
            throw error
        }
        try await watching
        return state.withLock {
            Seen(
                fromCommit: $0.fromCommit, fromSchedule: $0.fromSchedule,
                unseenCount: $0.awaited.count)
        }
    }

    func close() async { await connection.close() }

    /// What was seen.
    struct Seen: Sendable {
        var fromCommit: LatencyRecord
        var fromSchedule: LatencyRecord
        var unseenCount: Int
    }

    private func look(_ patience: Duration) async throws {
        try await withTaskExecutorPreference(connection.executor) {
            var last = ""
            var deadline: ContinuousClock.Instant?
            while true {
                let (isOver, isEmpty) = state.withLock { ($0.isOver, $0.awaited.isEmpty) }
                if isOver {
                    let end = deadline ?? ContinuousClock.now + patience
                    deadline = end
                    if isEmpty || ContinuousClock.now > end { return }
                }
                if !isEmpty {
                    let text = try await connection.query(
                        "SELECT snapshot::text FROM vigil.feed_state"
                    ).string(row: 0, column: 0)
                    let now = ContinuousClock.now
                    // Also where it is the same: a transaction may have been added after it was seen.
                    let snapshot = try FeedSnapshot(parsing: text)
                    take(snapshot, at: now, onlyNew: text == last)
                    last = text
                }
                sleepOnThisThread(pause)
            }
        }
    }

    private func take(_ snapshot: FeedSnapshot, at now: ContinuousClock.Instant, onlyNew: Bool) {
        state.withLock { state in
            // What was awaited under the same snapshot before is not visible in it now either.
            let start = onlyNew ? max(0, state.awaited.count - Self.newestCount) : 0
            var kept = start
            for place in start..<state.awaited.count {
                let one = state.awaited[place]
                if snapshot.isVisible(one.transaction) {
                    state.fromCommit.record(max(.zero, now - one.committed))
                    state.fromSchedule.record(now - one.due)
                } else {
                    state.awaited[kept] = one
                    kept += 1
                }
            }
            state.awaited.removeLast(state.awaited.count - kept)
        }
    }

    /// More transactions than can be committed between two looks.
    private static let newestCount = 1000
}

/// Blocks the caller's thread, which is its own; finer than `Task.sleep`.
func sleepOnThisThread(_ duration: Duration) {
    guard duration > .zero else { return }
    let parts = duration.components
    var time = timespec(
        tv_sec: Int(parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
}
