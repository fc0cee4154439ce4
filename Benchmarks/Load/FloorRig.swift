import PostgresClient

/// The bare loop: insert and NOTIFY, wake, one read, one write transaction with NOTIFY.
struct FloorRig {
    private let writer: PostgresConnection
    private let observer: PostgresConnection
    private let reader: Task<Void, any Error>

    static func start(conninfo: String) async throws -> FloorRig {
        let tables = try await PostgresConnection.connect(
            conninfo, applicationName: "floor tables")
        try await tables.execute(
            """
            DROP TABLE IF EXISTS floor_in, floor_out;
            CREATE TABLE floor_in (id bigint PRIMARY KEY, payload text);
            CREATE TABLE floor_out (id bigint PRIMARY KEY, payload text);
            """)
        await tables.close()
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

    /// Records the time from the return of COMMIT to the arrival of the answer's notification.
    func run(count: Int, pause: Duration, _ record: inout LatencyRecord) async throws {
        for _ in 0..<count {
            if pause > .zero { try await Task.sleep(for: pause) }
            _ = try await writer.pipeline([
                Statement("BEGIN"),
                Statement(
                    "INSERT INTO floor_in SELECT coalesce(max(id), 0) + 1, 'x' FROM floor_in"),
                Statement("SELECT pg_notify('floor_in', '')"),
                Statement("COMMIT"),
            ])
            let committed = ContinuousClock.now
            _ = try await observer.waitForNotification(timeout: .seconds(10))
            record.record(ContinuousClock.now - committed)
        }
    }

    func stop() async {
        reader.cancel()
        _ = try? await reader.value
    }
}
