import PostgresClient

/// Inserts an extreme entity with a relationship, and waits for the notification of its anomaly.
struct VigilRig {
    private let writer: PostgresConnection
    private let observer: PostgresConnection
    private let neighbours: [Int64]
    private static let patience = Duration.seconds(10)
    /// Sources and tags of an inserted domain: far beyond any of the sample graph's.
    private static let extremeCount = 60

    static func start(conninfo: String, neighbours: [Int: Int64]) async throws -> VigilRig {
        let observer = try await PostgresConnection.connect(
            conninfo, applicationName: "commit-latency observer")
        try await observer.execute("LISTEN vigil_anomalies")
        return VigilRig(
            writer: try await PostgresConnection.connect(
                conninfo, applicationName: "commit-latency writer"),
            observer: observer, neighbours: neighbours.values.sorted())
    }

    /// Milliseconds from the return of COMMIT to the arrival of the new row's notification.
    func run(count: Int) async throws -> [Double] {
        var latencies: [Double] = []
        for _ in 0..<count {
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
                    """, [.int64(key), .int64(neighbours[Int(key) * 7919 % neighbours.count])]),
                Statement("COMMIT"),
            ])
            let committed = ContinuousClock.now
            latencies.append(try await wait(for: key, since: committed))
        }
        return latencies
    }

    private func wait(for key: Int64, since committed: ContinuousClock.Instant) async throws
        -> Double
    {
        while ContinuousClock.now - committed < Self.patience {
            let notifications = try await observer.waitForNotification(timeout: .seconds(1))
            let latency = (ContinuousClock.now - committed) / .milliseconds(1)
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

/// The bare loop: insert and NOTIFY, wake, one read, one write transaction with NOTIFY.
struct FloorRig {
    private let writer: PostgresConnection
    private let observer: PostgresConnection
    private let reader: Task<Void, any Error>

    static func start(conninfo: String) async throws -> FloorRig {
        let observer = try await PostgresConnection.connect(
            conninfo, applicationName: "floor observer")
        try await observer.execute("LISTEN floor_out")
        let connection = try await PostgresConnection.connect(
            conninfo, applicationName: "floor reader")
        try await connection.execute("SET synchronous_commit = off; LISTEN floor_in")
        let reader = Task {
            var last: Int64 = 0
            while !Task.isCancelled {
                let rung = try await connection.waitForNotification(timeout: .seconds(1))
                guard !rung.isEmpty else { continue }
                let rows = try await connection.query(
                    "SELECT id FROM floor_in WHERE id > $1", [.int64(last)])
                for row in 0..<rows.rowCount {
                    let id = try rows.int64(row: row, column: 0)
                    last = max(last, id)
                    _ = try await connection.pipeline([
                        Statement("BEGIN"),
                        Statement("INSERT INTO floor_out VALUES ($1, 'x')", [.int64(id)]),
                        Statement("SELECT pg_notify('floor_out', $1)", [.text(String(id))]),
                        Statement("COMMIT"),
                    ])
                }
            }
        }
        return FloorRig(
            writer: try await PostgresConnection.connect(conninfo, applicationName: "floor writer"),
            observer: observer, reader: reader)
    }

    func run(count: Int) async throws -> [Double] {
        var latencies: [Double] = []
        for _ in 0..<count {
            _ = try await writer.pipeline([
                Statement("BEGIN"),
                Statement(
                    "INSERT INTO floor_in SELECT coalesce(max(id), 0) + 1, 'x' FROM floor_in"),
                Statement("SELECT pg_notify('floor_in', '')"),
                Statement("COMMIT"),
            ])
            let committed = ContinuousClock.now
            _ = try await observer.waitForNotification(timeout: .seconds(10))
            latencies.append((ContinuousClock.now - committed) / .milliseconds(1))
        }
        return latencies
    }

    func stop() async {
        reader.cancel()
        _ = try? await reader.value
    }
}
