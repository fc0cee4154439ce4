import PostgresClient
import TestSupport
import Testing

@Suite("A query", .tags(.postgres), .requiresPostgres)
struct QueryTests {
    @Test("names its columns and counts its rows")
    func shape() async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT g AS number, g::text AS word FROM generate_series(1, 3) g")
        #expect(result.columnNames == ["number", "word"])
        #expect(result.columnIndex(of: "word") == 1)
        #expect(result.columnIndex(of: "none") == nil)
        #expect(result.rowCount == 3)
        #expect(result.commandTag == "SELECT 3")
        #expect(result.affectedRowCount == 3)
    }

    @Test("reports the server's error with SQLSTATE, constraint and statement, and goes on")
    func serverError() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0))")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("INSERT INTO t VALUES ($1)", [.int32(-1)])
        }
        #expect(error?.code == .serverError)
        #expect(error?.sqlState == "23514")
        #expect(error?.constraint == "positive")
        #expect(error?.table == "t")
        #expect(error?.context == "INSERT INTO t VALUES ($1)")
        let result = try await connection.query("INSERT INTO t VALUES ($1)", [.int32(1)])
        #expect(result.affectedRowCount == 1)
    }

    @Test("is refused by a message that names the missing table")
    func missingTable() async throws {
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT * FROM no_such_table")
        }
        #expect(error?.sqlState == "42P01")
        #expect(error?.description.contains("no_such_table") == true)
    }

    @Test("takes NULL first and a value later, and the other way round")
    func nullThenValue() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE t (a int, b float8)")
        let sql = "INSERT INTO t VALUES ($1, $2)"
        _ = try await connection.query(sql, [.null, .double(1)])
        _ = try await connection.query(sql, [.int64(7), .null])
        _ = try await connection.query(sql, [.int32(8), .double(2)])
        _ = try await connection.query(sql, [.null, .null])
        let result = try await connection.query("SELECT sum(a)::int8, sum(b), count(*) FROM t")
        #expect(try result.int64(row: 0, column: 0) == 15)
        #expect(try result.double(row: 0, column: 1) == 3)
        #expect(try result.int64(row: 0, column: 2) == 4)
    }

    @Test("is prepared anew when its table has changed, or the server forgot it")
    func staleStatement() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        #expect(try await connection.query("SELECT * FROM t").columnCount == 1)
        try await connection.execute("ALTER TABLE t ADD b int")
        #expect(try await connection.query("SELECT * FROM t").columnCount == 2)
        try await connection.execute("DEALLOCATE ALL")
        #expect(try await connection.query("SELECT * FROM t").columnCount == 2)
    }

    @Test("stays right when more statements are in use than the cache holds")
    func cacheOverflow() async throws {
        let connection = try await TestCluster.connect()
        let statementCount = PostgresConnection.statementCountMax + 60
        for round in 0..<2 {
            for number in 0..<statementCount {
                let result = try await connection.query("SELECT \(number) + $1", [.int32(1)])
                #expect(try result.int32(row: 0, column: 0) == Int32(number + 1), "\(round)")
            }
        }
        let left = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
        let count = try left.int64(row: 0, column: 0)
        #expect(count <= Int64(PostgresConnection.statementCountMax + 2))
    }

    @Test("cannot be a COPY, and the connection survives the attempt")
    func copyAsQuery() async throws {
        let connection = try await TestCluster.connect()
        for sql in ["COPY (SELECT 1) TO STDOUT", " copy pg_class to stdout"] {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query(sql)
            }
            #expect(error?.code == .unexpectedResult)
        }
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("is cancelled with its task, and the connection goes on")
    func cancellation() async throws {
        let connection = try await TestCluster.connect()
        let observer = try await TestCluster.connect()
        let processID = await connection.processID
        let task = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await observer.waitUntil(
            "SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1", [.int32(processID)])
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }
}

@Suite("A script", .tags(.postgres), .requiresPostgres)
struct ScriptTests {
    @Test("runs several statements as one transaction")
    func atomic() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.execute("CREATE TABLE t (a int); SELECT 1 / 0")
        }
        #expect(error?.sqlState == "22012")
        let missing = try await connection.query("SELECT to_regclass('t') IS NULL")
        #expect(try missing.bool(row: 0, column: 0))
    }

    @Test("leaves no failed transaction behind that it opened")
    func failedTransaction() async throws {
        let connection = try await TestCluster.connect()
        await #expect(throws: PostgresError.self) {
            try await connection.execute("BEGIN; SELECT 1 / 0; COMMIT")
        }
        #expect(await !connection.isInTransaction)
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("leaves a transaction alone that was open before")
    func callersTransaction() async throws {
        let connection = try await TestCluster.connect()
        try await connection.execute("BEGIN")
        await #expect(throws: PostgresError.self) { try await connection.execute("SELECT 1 / 0") }
        #expect(await connection.isInTransaction)
        try await connection.execute("ROLLBACK")
        #expect(await !connection.isInTransaction)
    }

    @Test("with a COPY in it is refused, and the connection survives", arguments: ["TO", "FROM"])
    func copyInScript(direction: String) async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE t (a int)")
        let stream = direction == "TO" ? "STDOUT" : "STDIN"
        await #expect(throws: PostgresError.self) {
            try await connection.execute("COPY t \(direction) \(stream)")
        }
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }
}
