import PostgresClient
import TestSupport
import Testing

@Suite("A COPY in", .tags(.postgres), .requiresPostgres)
struct CopyInTests {
    private func connectionWithTable() async throws -> PostgresConnection {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute("CREATE TABLE x (key int8, weight float8, name text)")
        return connection
    }

    /// Copies the text in chunks of a few bytes, so that rows are cut anywhere.
    private func copy(
        _ text: String, _ connection: PostgresConnection, chunkByteCount: Int = 3
    ) async throws -> Int {
        let bytes = Array(text.utf8)
        return try await connection.copyIn("COPY x FROM STDIN (FORMAT csv)", from: 0) { start in
            guard start < bytes.count else { return nil }
            defer { start += chunkByteCount }
            return Array(bytes[start..<min(start + chunkByteCount, bytes.count)])
        }.rowCount
    }

    @Test("stores rows however they are cut, and counts them")
    func rows() async throws {
        let connection = try await connectionWithTable()
        let count = try await copy("1,2.5,\"a,\nb\"\n2,,\n3,NaN,ä\n", connection)
        #expect(count == 3)
        let result = try await connection.query("SELECT name FROM x ORDER BY key")
        #expect(try result.string(row: 0, column: 0) == "a,\nb")
        #expect(result.isNull(row: 1, column: 0))
        #expect(try result.string(row: 2, column: 0) == "ä")
    }

    @Test("of nothing stores nothing")
    func empty() async throws {
        let connection = try await connectionWithTable()
        #expect(try await connection.copyIn("COPY x FROM STDIN") { nil } == 0)
    }

    @Test("keeps the server's line and column of a bad row, and stores nothing")
    func badRow() async throws {
        let connection = try await connectionWithTable()
        let lines = (1...16).map { "\($0),1,n\n" }.joined() + "17,heavy,n\n18,1,n\n"
        let error = await #expect(throws: PostgresError.self) {
            _ = try await copy(lines, connection)
        }
        #expect(error?.sqlState == "22P02")
        #expect(error?.serverContext == "COPY x, line 17, column weight: \"heavy\"")
        #expect(try await connection.query("SELECT * FROM x").rowCount == 0)
    }

    @Test("stops asking for chunks soon after the server has refused one")
    func earlyRefusal() async throws {
        let connection = try await connectionWithTable()
        let chunk = Array(String(repeating: "no number,1,n\n", count: 5_000).utf8)
        let error = await #expect(throws: PostgresError.self) {
            _ = try await connection.copyIn("COPY x FROM STDIN (FORMAT csv)", from: 0) { count in
                count += 1
                // Far beyond what the socket's buffers hold: an endless source ends here.
                #expect(count < 10_000)
                return count < 10_000 ? chunk : nil
            }
        }
        #expect(error?.sqlState == "22P02")
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("is given up with the message of an error that its source throws")
    func throwingSource() async throws {
        struct Unreadable: Error, CustomStringConvertible {
            let description = "entities.csv, line 3: not UTF-8"
        }
        let connection = try await connectionWithTable()
        let error = await #expect(throws: PostgresError.self) {
            _ = try await connection.copyIn("COPY x FROM STDIN (FORMAT csv)", from: 0) { count in
                count += 1
                if count == 3 { throw Unreadable() }
                return Array("\(count),1,n\n".utf8)
            }
        }
        #expect(error?.code == .aborted)
        #expect(error?.message == "entities.csv, line 3: not UTF-8")
        #expect(try await connection.query("SELECT * FROM x").rowCount == 0)
    }

    @Test("takes binary rows, NaN, NULL and arrays among them")
    func binary() async throws {
        let connection = try await connectionWithTable()
        try await connection.execute("ALTER TABLE x ADD tags text[]")
        var writer = BinaryCopyWriter()
        for key in 0..<1000 {
            writer.beginRow(columnCount: 4)
            writer.append(.int64(Int64(key)))
            writer.append(key % 2 == 0 ? .double(.nan) : .null)
            writer.append(.text("name \(key)"))
            writer.append(.textArray(["ä", nil]))
        }
        writer.finish()
        let chunk = writer.takeChunk()
        let outcome = try await connection.copyIn(
            "COPY x FROM STDIN (FORMAT binary)", from: [chunk]
        ) { $0.popLast() }
        #expect(outcome.rowCount == 1000)
        let result = try await connection.query(
            """
            SELECT count(*) FILTER (WHERE weight = 'NaN'), count(*) FILTER (WHERE weight IS NULL),
                count(*) FILTER (WHERE name = 'name ' || key), min(tags[1]), max(cardinality(tags))
            FROM x
            """)
        #expect(try result.int64(row: 0, column: 0) == 500)
        #expect(try result.int64(row: 0, column: 1) == 500)
        #expect(try result.int64(row: 0, column: 2) == 1000)
        #expect(try result.string(row: 0, column: 3) == "ä")
        #expect(try result.int32(row: 0, column: 4) == 2)
    }

    @Test("is refused when the statement is not a COPY in", arguments: ["SELECT 1", "SELEKT"])
    func notCopy(sql: String) async throws {
        let connection = try await TestCluster.connect()
        await #expect(throws: PostgresError.self) {
            _ = try await connection.copyIn(sql) { nil }
        }
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("in a task already cancelled is not begun")
    func cancelledBefore() async throws {
        let connection = try await connectionWithTable()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await connection.copyIn("COPY x FROM STDIN") {
                Issue.record("nothing is asked for")
                return nil
            }
        }
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
