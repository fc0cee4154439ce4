import PostgresClient
import TestSupport
import Testing

@Suite("A COPY out", .tags(.postgres), .requiresPostgres)
struct CopyOutTests {
    private struct Row: Sendable, Equatable {
        var key: Int64
        var weight: Double?
        var name: String?
        var sourceCount: Int
    }

    @Test("delivers typed fields, with NULL, NaN, unicode and empty arrays")
    func rows() async throws {
        let connection = try await TestCluster.connect()
        let rows = try await connection.copyOut(
            """
            COPY (VALUES (1::int8, 1.5::float8, 'ä'::text, '{a,b}'::text[]),
                (2, NULL, NULL, '{}'), (3, 'NaN', '', '{NULL}')) TO STDOUT (FORMAT binary)
            """, into: [Row]()
        ) { rows, row in
            rows.append(
                Row(
                    key: try row.int64(0), weight: row.isNull(1) ? nil : try row.double(1),
                    name: try row.optionalText(2), sourceCount: try row.arrayCount(3)))
        }
        #expect(rows.count == 3)
        #expect(rows[0] == Row(key: 1, weight: 1.5, name: "ä", sourceCount: 2))
        #expect(rows[1] == Row(key: 2, weight: nil, name: nil, sourceCount: 0))
        #expect(rows[2].weight?.isNaN == true)
        #expect(rows[2].name == "" && rows[2].sourceCount == 1)
    }

    @Test("delivers narrower types, times, truth values and arrays")
    func otherTypes() async throws {
        let connection = try await TestCluster.connect()
        let values = try await connection.copyOut(
            """
            COPY (SELECT 7::int2, 8::int4, 0.5::real, true, to_timestamp(1700000000.25),
                '{x,NULL,y}'::text[], '{1.5,NULL}'::float8[], NULL::timestamptz)
            TO STDOUT (FORMAT binary)
            """, into: [String]()
        ) { values, row in
            values = [
                "\(row.columnCount)", "\(try row.int64(0))", "\(try row.int32(1))",
                "\(try row.double(2))", "\(try row.bool(3))", "\(try row.timestampSeconds(4))",
                "\(try row.textArray(5))", "\(try row.doubleArray(6))",
                "\(try row.timestampSecondsOrNaN(7))",
            ]
        }
        let expected = [
            "8", "7", "8", "0.5", "true", "1700000000.25", "[\"x\", \"y\"]", "[1.5, nan]", "nan",
        ]
        #expect(values == expected)
    }

    @Test("of no rows delivers none")
    func empty() async throws {
        let connection = try await TestCluster.connect()
        let count = try await connection.copyOut(
            "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)"
        ) { _ in Issue.record("there is no row") }
        #expect(count == 0)
    }

    @Test("delivers many rows and large ones whole")
    func large() async throws {
        let connection = try await TestCluster.connect()
        let sum = try await connection.copyOut(
            """
            COPY (SELECT g::int8, repeat('x', g % 5000) FROM generate_series(1, 20000) g)
            TO STDOUT (FORMAT binary)
            """, into: (keys: Int64(0), bytes: 0)
        ) { sum, row in
            sum.keys += try row.int64(0)
            sum.bytes += try row.withBytes(1) { $0.count }
        }
        #expect(sum.keys == 20_000 * 20_001 / 2)
        #expect(sum.bytes == 4 * (4999 * 5000 / 2))
    }

    @Test("is refused when a field is not of the type that is read")
    func wrongType() async throws {
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyOut("COPY (SELECT 'abc'::text) TO STDOUT (FORMAT binary)") {
                _ = try $0.int64(0)
            }
        }
        #expect(error?.code == .unexpectedResult)
        #expect(error?.message == "column 0 of COPY row 0 holds 3 bytes, where an integer is read")
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("ends early when its reader throws, and the connection goes on")
    func throwingReader() async throws {
        struct Enough: Error {}
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyOut(
                "COPY (SELECT generate_series(1::int8, 1000000000)) TO STDOUT (FORMAT binary)"
            ) { row in
                if try row.int64(0) == 1000 { throw Enough() }
            }
        }
        #expect(error?.code == .aborted)
        #expect(error?.message == "Enough()")
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("is cancelled with its task, and the connection goes on")
    func cancellation() async throws {
        let connection = try await TestCluster.connect()
        let observer = try await TestCluster.connect()
        let processID = await connection.processID
        let task = Task {
            try await connection.copyOut("COPY (SELECT pg_sleep(600)) TO STDOUT (FORMAT binary)") {
                _ in
            }
        }
        try await observer.waitUntil(
            "SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1", [.int32(processID)])
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test(
        "is refused when the statement is not a binary COPY out",
        arguments: ["SELECT 1", "COPY pg_class TO STDOUT", "SELEKT"])
    func notCopy(sql: String) async throws {
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyOut(sql) { _ in }
        }
        #expect(error?.context == sql)
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }

    @Test("reports an error in its midst")
    func serverError() async throws {
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyOut(
                """
                COPY (SELECT 1 / (100 - g) FROM generate_series(1, 200) g)
                TO STDOUT (FORMAT binary)
                """
            ) { _ in }
        }
        #expect(error?.sqlState == "22012")
        #expect(try await connection.query("SELECT 1").rowCount == 1)
    }
}
