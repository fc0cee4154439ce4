import AnomalyModels
import PostgresClient

/// Somebody who reads, asks and decides while all the rest goes on.
struct Analyst: Sendable {
    let seed: UInt64
    let conninfo: String
    let log: TortureLog
    let gate: Gate

    /// Works until the task is cancelled; a lost session is opened again.
    func run() async {
        var random = SeededRandom(seed: seed, stream: 0)
        while !Task.isCancelled {
            do {
                let session = try await PostgresConnection.connect(
                    conninfo, applicationName: "torture analyst")
                while !Task.isCancelled {
                    try await gate.passing { try await act(on: session, &random) }
                    try await Task.sleep(for: .milliseconds(200 + random.index(below: 1000)))
                }
                await session.close()
            } catch let error as PostgresError {
                let name = error.sqlState ?? error.code.rawValue
                log.count("analyst's errors \(name)")
                if error.code == .serverError, !Harm.isInduced(name) {
                    log.sayFew("analyst's error \(name)", "\(error)")
                }
                try? await Task.sleep(for: .milliseconds(300))
            } catch {}
        }
    }

    private func act(
        on session: PostgresConnection, _ random: inout SeededRandom
    ) async throws {
        let anomaly =
            "(SELECT id FROM vigil.anomalies WHERE is_active ORDER BY md5(id::text || '\(random.next())') LIMIT 1)"
        switch random.index(below: 8) {
        case 0, 1:
            let verdict = ["true_positive", "false_positive", "benign"][random.index(below: 3)]
            _ = try await session.query(
                "SELECT vigil.review_anomaly(id, '\(verdict)', 'seen') FROM \(anomaly) AS a (id)")
            log.count("anomalies reviewed")
        case 2:
            _ = try await session.query(
                """
                SELECT vigil.undo_review(id) FROM (SELECT id FROM vigil.anomalies WHERE reviewed
                    ORDER BY reviewed_at DESC LIMIT 1) AS a
                """)
        case 3:
            _ = try await session.query(
                "SELECT vigil.assign_anomaly(id, 'somebody') FROM \(anomaly) AS a (id)")
        case 4: _ = try await session.query("SELECT * FROM vigil.list_anomalies()")
        default: try await ask(session)
        }
    }

    /// Asks for the newest score of a new entity, and says how often it came in time.
    private func ask(_ session: PostgresConnection) async throws {
        let answer = try await session.query(
            """
            SELECT d.is_current, d.anomaly_score IS NOT NULL
            FROM vigil.detect_entity((SELECT max(id) FROM vigil.entities WHERE is_active), 3000) AS d
            """)
        log.count(
            try answer.bool(row: 0, column: 0)
                ? "scores asked for that were current"
                : "scores asked for that were not current yet")
    }
}
