import Foundation
import PostgresClient

/// Writers that follow a timetable, whatever the answers take.
///
/// Statement i is due at start + i / rate, and latencies count from there: a writer that was kept
/// waiting is late, and what it was late with is measured too. With an infinite rate each writer
/// sends the next statement when the last is answered.
struct OpenLoop: Sendable {
    var conninfo: String
    /// Rows a second, all writers together.
    var perSecond: Double
    var seconds: Double
    var mix: ChangeMix
    var entityIDs: [Int64]
    var seed: UInt64
    var rowsPerStatement = 1
    var writerCount = 8

    struct Outcome: Sendable {
        var rowCount = 0
        var seconds = 0.0
        /// From the scheduled time to the return of COMMIT.
        var commits = LatencyRecord()

        var rowsPerSecond: Double { Double(rowCount) / seconds }
    }

    /// Writes to the end of the timetable; what is late then is left out.
    func run(_ watch: VisibilityWatch? = nil) async throws -> Outcome {
        var connections: [PostgresConnection] = []
        for _ in 0..<writerCount {
            let connection = try await PostgresConnection.connect(
                conninfo, applicationName: "load-benchmark writer")
            connections.append(connection)
        }
        // A moment for all to be ready.
        let start = ContinuousClock.now + .milliseconds(20)
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { tasks in
            for (writer, connection) in connections.enumerated() {
                tasks.addTask {
                    try await withTaskExecutorPreference(connection.executor) {
                        try await write(as: writer, on: connection, from: start, watch)
                    }
                }
            }
            return try await tasks.reduce(into: Outcome()) { total, part in
                total.rowCount += part.rowCount
                total.seconds = max(total.seconds, part.seconds)
                total.commits.add(part.commits)
            }
        }
        for connection in connections { await connection.close() }
        return outcome
    }

    private func write(
        as writer: Int, on connection: PostgresConnection, from start: ContinuousClock.Instant,
        _ watch: VisibilityWatch?
    ) async throws -> Outcome {
        var changes = ChangeSource(mix, among: entityIDs, seed: seed, writer: writer)
        let interval: Duration =
            perSecond.isFinite ? .seconds(Double(rowsPerStatement) / perSecond) : .zero
        let end = start + .seconds(seconds)
        var outcome = Outcome()
        var statementIndex = writer
        while true {
            let scheduled = start + interval * statementIndex
            guard scheduled < end else { break }
            let statement = changes.next(rowCount: rowsPerStatement)
            sleepOnThisThread(scheduled - ContinuousClock.now)
            let sent = ContinuousClock.now
            guard sent < end else { break }
            let due = perSecond.isFinite ? scheduled : sent
            let answer = try await connection.query(statement.sql, statement.parameters)
            let committed = ContinuousClock.now
            outcome.commits.record(committed - due)
            outcome.rowCount += answer.rowCount
            if let watch, answer.rowCount > 0 {
                watch.add(try answer.uint64(row: 0, column: 0), due: due, at: committed)
            }
            statementIndex += writerCount
        }
        outcome.seconds = max(seconds, (ContinuousClock.now - start) / .seconds(1))
        return outcome
    }
}
