import PostgresClient
import TestSupport
import Testing

@Suite("A connection to PostgreSQL", .tags(.postgres), .requiresPostgres)
struct SmokeTests {
    @Test("runs a query")
    func query() async throws {
        let connection = try await TestCluster.freshDatabase().connect()
        let result = try await connection.query("SELECT $1 + 1", [.int64(41)])
        #expect(try result.int64(row: 0, column: 0) == 42)
        await connection.close()
    }
}
