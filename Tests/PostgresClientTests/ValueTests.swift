import PostgresClient
import TestSupport
import Testing

@Suite("A value sent to PostgreSQL", .tags(.postgres), .requiresPostgres)
struct ValueTests {
    /// Sends the parameter and returns the one value that comes back.
    private func echo(
        _ parameter: PostgresParameter, as type: String
    ) async throws -> QueryResult {
        let connection = try await TestCluster.connect()
        return try await connection.query("SELECT $1::\(type)", [parameter])
    }

    @Test(
        "comes back with the same bits as a double",
        arguments: [
            0.0, -0.0, 1.5, .pi, .nan, .infinity, -.infinity, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude,
        ])
    func double(value: Double) async throws {
        let result = try await echo(.double(value), as: "float8")
        #expect(try result.double(row: 0, column: 0).bitPattern == value.bitPattern)
    }

    @Test("comes back as an integer of its width", arguments: [Int64.min, -1, 0, 1, Int64.max])
    func integers(value: Int64) async throws {
        let narrow = Int32(truncatingIfNeeded: value)
        let short = Int16(truncatingIfNeeded: value)
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT $1::int8, $2::int4, $3::int2",
            [.int64(value), .int32(narrow), .int16(short)])
        #expect(try result.int64(row: 0, column: 0) == value)
        #expect(try result.int32(row: 0, column: 1) == narrow)
        #expect(try result.int64(row: 0, column: 1) == Int64(narrow))
        #expect(try result.int16(row: 0, column: 2) == short)
    }

    @Test(
        "comes back as text, however odd",
        arguments: [
            "", " ", "plain", "ä ö ü ß", "日本語", "👩‍👩‍👧", "quote ' \" \\ $1", "tab\tnewline\n",
            "e\u{301}", "\u{FEFF}bom", String(repeating: "x", count: 5_000_000),
        ])
    func text(value: String) async throws {
        let result = try await echo(.text(value), as: "text")
        let back = try result.string(row: 0, column: 0)
        #expect(Array(back.utf8) == Array(value.utf8))
    }

    @Test("comes back as bytes", arguments: [[], [0], [UInt8](0...255)] as [[UInt8]])
    func bytes(value: [UInt8]) async throws {
        let result = try await echo(.bytes(value), as: "bytea")
        #expect(try result.bytes(row: 0, column: 0) == value)
    }

    @Test("comes back as NULL")
    func null() async throws {
        let result = try await echo(.null, as: "int8")
        #expect(result.isNull(row: 0, column: 0))
        #expect(try result.optionalInt64(row: 0, column: 0) == nil)
        #expect(throws: PostgresError.self) { try result.int64(row: 0, column: 0) }
    }

    @Test("comes back as a boolean", arguments: [true, false])
    func bool(value: Bool) async throws {
        let result = try await echo(.bool(value), as: "bool")
        #expect(try result.bool(row: 0, column: 0) == value)
    }

    @Test(
        "comes back as a time to the microsecond, infinities included",
        arguments: [0, 1_700_000_000.123456, -2_208_988_800, 946_684_800, .infinity, -.infinity])
    func time(seconds: Double) async throws {
        let result = try await echo(.timestampSeconds(seconds), as: "timestamptz")
        #expect(try result.timestampSeconds(row: 0, column: 0) == seconds)
    }

    @Test("means the time that the server understands")
    func timeMeaning() async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            """
            SELECT $1 = timestamptz '2023-11-14 22:13:20.5+00',
                extract(epoch FROM $1)::float8, timestamptz 'infinity'
            """, [.timestampSeconds(1_700_000_000.5)])
        #expect(try result.bool(row: 0, column: 0))
        #expect(try result.double(row: 0, column: 1) == 1_700_000_000.5)
        #expect(try result.timestampSeconds(row: 0, column: 2) == .infinity)
    }

    @Test("is NULL for a time that is not a number")
    func timeNotANumber() async throws {
        let result = try await echo(.timestampSeconds(.nan), as: "timestamptz")
        #expect(result.isNull(row: 0, column: 0))
    }

    @Test("comes back as UUID, JSON and transaction id")
    func otherTypes() async throws {
        let uuid = "01234567-89ab-cdef-0123-456789abcdef"
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT $1::uuid, $2::jsonb, $3::xid8, $2::jsonb ->> 'a'",
            [.uuid(uuid.uppercased()), .jsonb(#"{"a": "ä"}"#), .xid8(1 << 40)])
        #expect(try result.string(row: 0, column: 0) == uuid)
        #expect(try result.string(row: 0, column: 1) == #"{"a": "ä"}"#)
        #expect(try result.uint64(row: 0, column: 2) == 1 << 40)
        #expect(try result.string(row: 0, column: 3) == "ä")
    }

    @Test("is refused before it is sent when it ought to be a UUID and is not")
    func badUUID() async throws {
        let connection = try await TestCluster.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT $1", [.uuid("0123")])
        }
        #expect(error?.code == .unexpectedResult)
        #expect(error?.message == "parameter $1, \"0123\", is not a UUID")
    }

    @Test("is refused with its column's name when it is read as another type")
    func wrongType() async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query("SELECT 'text'::text AS label")
        let error = #expect(throws: PostgresError.self) { try result.int64(row: 0, column: 0) }
        #expect(error?.code == .unexpectedResult)
        #expect(error?.message.contains("\"label\"") == true)
    }

    @Test("is read from names, characters, enums and domains as text")
    func textKinds() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        try await connection.execute(
            """
            CREATE TYPE mood AS ENUM ('glad', 'sad');
            CREATE DOMAIN label AS text;
            """)
        let result = try await connection.query(
            """
            SELECT 'glad'::mood, 'x'::label, 'n'::name, 'c'::"char", 'v'::varchar(3), '[1]'::json
            """)
        let texts = try (0..<6).map { try result.string(row: 0, column: $0) }
        #expect(texts == ["glad", "x", "n", "c", "v", "[1]"])
    }
}
