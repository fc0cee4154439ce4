import Foundation
import PostgresClient

/// What pgbench's sessions wait for, looked at again and again.
///
/// A transaction that has called NOTIFY takes, at its COMMIT, an exclusive lock on "object 0 of class
/// pg_database of database 0" (PreCommit_Notify in async.c), so all such commits go one after the
/// other. Waiting for it shows as wait event `Lock`/`object`, and the lock itself, held or awaited, in
/// pg_locks.
struct WaitSampler: Sendable {
    private let connection: PostgresConnection
    private let pause: Duration

    init(conninfo: String, pause: Duration) async throws {
        connection = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark sampler")
        self.pause = pause
    }

    /// What was seen.
    struct Seen: Encodable, Sendable {
        /// How often was looked.
        var samples = 0
        /// Sessions seen in each state, by wait event, such as `IO/WALSync`.
        var waits: [String: Int] = [:]
        /// Sessions seen to wait for the NOTIFY lock, and to hold it.
        var notifyLockWaiters = 0
        var notifyLockHolders = 0
    }

    /// Samples until the task is cancelled.
    func sample() async throws -> Seen {
        try await withTaskExecutorPreference(connection.executor) {
            var seen = Seen()
            while !Task.isCancelled {
                let started = ContinuousClock.now
                let answer = try await connection.query(Self.query)
                seen.samples += 1
                for row in 0..<answer.rowCount {
                    let event = try answer.string(row: row, column: 0)
                    let count = Int(try answer.int64(row: row, column: 1))
                    switch event {
                    case "waits": seen.notifyLockWaiters += count
                    case "holds": seen.notifyLockHolders += count
                    default: seen.waits[event, default: 0] += count
                    }
                }
                sleepOnThisThread(pause - (ContinuousClock.now - started))
            }
            return seen
        }
    }

    func close() async { await connection.close() }

    private static let query = """
        SELECT coalesce(wait_event_type || '/' || wait_event, 'running'), count(*)
        FROM pg_stat_activity
        WHERE application_name = 'pgbench' AND state = 'active' GROUP BY 1
        UNION ALL
        SELECT CASE WHEN granted THEN 'holds' ELSE 'waits' END, count(*)
        FROM pg_locks
        WHERE locktype = 'object' AND database = 0 AND classid = 'pg_database'::regclass AND objid = 0
        GROUP BY 1
        """
}
