import PostgresClient

/// Inserts an extreme entity with a relationship, and waits for the notification of its anomaly.
struct VigilRig {
    private let writer: PostgresConnection
    private let observer: PostgresConnection
    private let entityIDs: [Int64]
    private static let patience = Duration.seconds(10)
    /// Sources and tags of an inserted domain: far beyond any of the sample graph's.
    private static let extremeCount = 60

    static func start(conninfo: String, entityIDs: [Int64]) async throws -> VigilRig {
        let observer = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark observer")
        try await observer.execute("LISTEN vigil_anomalies")
        return VigilRig(
            writer: try await PostgresConnection.connect(
                conninfo, applicationName: "load-benchmark writer"),
            observer: observer, entityIDs: entityIDs)
    }

    /// Records the time from the return of COMMIT to the arrival of the new row's notification.
    func run(count: Int, pause: Duration, _ record: inout LatencyRecord) async throws {
        for _ in 0..<count {
            if pause > .zero { try await Task.sleep(for: pause) }
            let key = try await writer.query(
                "SELECT nextval(pg_get_serial_sequence('vigil.entities', 'id'))"
            ).int64(row: 0, column: 0)
            _ = try await writer.pipeline([
                Statement("BEGIN"),
                Statement(
                    """
                    INSERT INTO vigil.entities (id, type, name, value, confidence, risk_score, sources, tags)
                    VALUES ($1, 'domain', $2, $2, 0.01, 0.99, $3, $3)
                    """,
                    [
                        .int64(key), .text("latency-\(key).example"),
                        .textArray((0..<Self.extremeCount).map { "label \($0)" }),
                    ]),
                Statement(
                    """
                    INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence)
                    VALUES ($1, $2, 'related_to', 0.7)
                    """, [.int64(key), .int64(entityIDs[Int(key) * 7919 % entityIDs.count])]),
                Statement("COMMIT"),
            ])
            let committed = ContinuousClock.now
            record.record(try await wait(for: key, since: committed))
        }
    }

    private func wait(for key: Int64, since committed: ContinuousClock.Instant) async throws
        -> Duration
    {
        while ContinuousClock.now - committed < Self.patience {
            let notifications = try await observer.waitForNotification(timeout: .seconds(1))
            let latency = ContinuousClock.now - committed
            for notification in notifications {
                let subject = try await writer.query(
                    "SELECT subject_id FROM vigil.anomalies WHERE id = $1::text::uuid",
                    [.text(notification.payload)])
                if subject.rowCount == 1, try subject.int64(row: 0, column: 0) == key {
                    return latency
                }
            }
        }
        let score = try await writer.query(
            "SELECT coalesce((SELECT anomaly_score::text FROM vigil.entity_scores WHERE entity_id = $1), 'none')",
            [.int64(key)])
        throw PostgresError(
            code: .unexpectedResult,
            message:
                "no anomaly for entity \(key), its score is \(try score.string(row: 0, column: 0))")
    }
}
