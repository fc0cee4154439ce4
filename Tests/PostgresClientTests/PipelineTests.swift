import PostgresClient
import TestSupport
import Testing

@Suite("A pipeline", .tags(.postgres), .requiresPostgres)
struct PipelineTests {
    private func connectionWithTable() async throws -> PostgresConnection {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE t (a int PRIMARY KEY)")
        return connection
    }

    private func insert(_ value: Int32) -> Statement {
        Statement("INSERT INTO t VALUES ($1)", [.int32(value)])
    }

    @Test("gives each statement its result, in order")
    func order() async throws {
        let connection = try await connectionWithTable()
        let results = try await connection.pipeline([
            Statement("BEGIN"), insert(1), insert(2),
            Statement("SELECT count(*) FROM t WHERE a > $1", [.int32(1)]), Statement("COMMIT"),
        ])
        let tags = results.map(\.commandTag)
        #expect(tags == ["BEGIN", "INSERT 0 1", "INSERT 0 1", "SELECT 1", "COMMIT"])
        #expect(try results[3].int64(row: 0, column: 0) == 1)
        #expect(await !connection.isInTransaction)
    }

    @Test("of nothing does nothing")
    func empty() async throws {
        let connection = try await TestCluster.connect()
        #expect(try await connection.pipeline([]).isEmpty)
    }

    @Test("throws its first error with that statement's text, rolls back, and can be run again")
    func errorThenRecovery() async throws {
        let connection = try await connectionWithTable()
        for _ in 0..<2 {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    Statement("BEGIN"), insert(1), Statement("SELECT 1 / $1", [.int32(0)]),
                    insert(2), Statement("COMMIT"),
                ])
            }
            #expect(error?.sqlState == "22012")
            #expect(error?.context == "SELECT 1 / $1")
            #expect(await !connection.isInTransaction)
        }
        let results = try await connection.pipeline([
            Statement("BEGIN"), insert(1), Statement("COMMIT"),
            Statement("SELECT count(*) FROM t"),
        ])
        #expect(try results[3].int64(row: 0, column: 0) == 1)
    }

    @Test("recovers from a statement that cannot be prepared")
    func syntaxError() async throws {
        let connection = try await connectionWithTable()
        for _ in 0..<2 {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    Statement("BEGIN"), Statement("SELEKT 1"), insert(3), Statement("COMMIT"),
                ])
            }
            #expect(error?.sqlState == "42601")
            #expect(error?.context == "SELEKT 1")
        }
        _ = try await connection.pipeline([Statement("BEGIN"), insert(3), Statement("COMMIT")])
        #expect(try await connection.query("SELECT * FROM t").rowCount == 1)
    }

    @Test("without BEGIN is one transaction")
    func implicitTransaction() async throws {
        let connection = try await connectionWithTable()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.pipeline([insert(1), insert(1)])
        }
        #expect(error?.sqlState == "23505")
        #expect(try await connection.query("SELECT * FROM t").rowCount == 0)
    }

    @Test("sends nothing when one of its statements cannot be sent")
    func invalidParameter() async throws {
        let connection = try await connectionWithTable()
        await #expect(throws: PostgresError.self) {
            try await connection.pipeline([insert(1), Statement("SELECT $1", [.uuid("x")])])
        }
        await #expect(throws: PostgresError.self) {
            try await connection.pipeline([insert(1), Statement("COPY t TO STDOUT")])
        }
        #expect(try await connection.query("SELECT * FROM t").rowCount == 0)
    }

    @Test("holds more new statements than the cache, and more bytes than the socket's buffers")
    func large() async throws {
        let connection = try await TestCluster.connect()
        let statementCount = PostgresConnection.statementCountMax * 2
        let text = String(repeating: "x", count: 20_000)
        let results = try await connection.pipeline(
            (0..<statementCount).map { Statement("SELECT \($0)::int8, $1", [.text(text)]) })
        #expect(results.count == statementCount)
        for (number, result) in results.enumerated() {
            #expect(try result.int64(row: 0, column: 0) == Int64(number))
            #expect(try result.string(row: 0, column: 1).utf8.count == text.utf8.count)
        }
        let again = try await connection.pipeline([Statement("SELECT 1"), Statement("SELECT 2")])
        #expect(again.count == 2)
    }

    @Test("ends as a whole although its task is cancelled")
    func cancelledTask() async throws {
        let database = try await TestCluster.freshDatabase()
        let connection = try await database.connect()
        let observer = try await database.connect()
        let processID = await connection.processID
        try await observer.execute("CREATE TABLE t (a int PRIMARY KEY)")
        // The pipeline waits for a lock that the observer holds until the task is cancelled.
        try await observer.execute("SELECT pg_advisory_lock(4711)")
        let task = Task {
            try await connection.pipeline([
                Statement("BEGIN"), Statement("SELECT pg_advisory_xact_lock(4711)"), insert(1),
                Statement("COMMIT"),
            ])
        }
        try await observer.waitUntil(
            "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1",
            [.int32(processID)])
        task.cancel()
        try await observer.execute("SELECT pg_advisory_unlock(4711)")
        #expect(try await task.value.count == 4)
        #expect(try await connection.query("SELECT * FROM t").rowCount == 1)
    }
}
