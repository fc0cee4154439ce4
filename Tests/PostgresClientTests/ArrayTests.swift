import PostgresClient
import TestSupport
import Testing

@Suite("An array sent to PostgreSQL", .tags(.postgres), .requiresPostgres)
struct ArrayTests {
    @Test(
        "comes back with NULL elements as text",
        arguments: [
            [], [nil], ["a", nil, "", "{,}", "ä\"'\\"], Array(repeating: "x", count: 10_000),
        ] as [[String?]])
    func texts(values: [String?]) async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query("SELECT $1::text[]", [.textArray(values)])
        #expect(try result.optionalTextArray(row: 0, column: 0) == values)
        if values.contains(nil) {
            #expect(throws: PostgresError.self) { try result.textArray(row: 0, column: 0) }
        } else {
            #expect(try result.textArray(row: 0, column: 0) == values.compactMap { $0 })
        }
    }

    @Test(
        "comes back with the same bits as doubles",
        arguments: [[], [1.5, .nan, .infinity, -0.0], (0..<18).map { Double($0) / 7 }])
    func doubles(values: [Double]) async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT $1::float8[], cardinality($1)", [.doubleArray(values)])
        let back = try result.doubleArray(row: 0, column: 0)
        #expect(back.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(try result.int32(row: 0, column: 1) == Int32(values.count))
    }

    @Test("comes back as integers, booleans, floats, times and UUIDs")
    func others() async throws {
        let uuid = "01234567-89ab-cdef-0123-456789abcdef"
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT $1, $2, $3, $4, $5, $6",
            [
                .int64Array([.min, 0, .max]), .int32Array([-1, 2]), .boolArray([true, false]),
                .floatArray([0.5, .nan]), .timestampSecondsArray([0, .nan]), .uuidArray([uuid]),
            ])
        #expect(try result.int64Array(row: 0, column: 0) == [.min, 0, .max])
        #expect(try result.int64Array(row: 0, column: 1) == [-1, 2])
        #expect(try result.boolArray(row: 0, column: 2) == [true, false])
        let floats = try result.doubleArray(row: 0, column: 3)
        #expect(floats[0] == 0.5 && floats[1].isNaN)
        let times = try result.timestampSecondsArray(row: 0, column: 4)
        #expect(times[0] == 0 && times[1].isNaN)
        #expect(try result.uuidArray(row: 0, column: 5) == [uuid])
    }

    @Test("is unnested beside others, as batch writes do")
    func unnested() async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query(
            "SELECT * FROM unnest($1::int8[], $2::float8[], $3::text[])",
            [.int64Array([1, 2]), .doubleArray([.nan, 2]), .textArray([nil, "b"])])
        #expect(result.rowCount == 2)
        #expect(try result.doubleOrNaN(row: 0, column: 1).isNaN)
        #expect(try result.optionalString(row: 0, column: 2) == nil)
        #expect(try result.string(row: 1, column: 2) == "b")
    }

    @Test("is refused when it has two dimensions or is none at all")
    func notOneDimension() async throws {
        let connection = try await TestCluster.connect()
        let result = try await connection.query("SELECT ARRAY[[1, 2], [3, 4]], 'text'::text")
        for column in 0...1 {
            let error = #expect(throws: PostgresError.self) {
                try result.int64Array(row: 0, column: column)
            }
            #expect(error?.code == .unexpectedResult)
        }
    }
}
