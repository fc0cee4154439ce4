import PostgresClient

/// How much a table has grown.
struct TableGrowth: Encodable, Sendable {
    var table: String
    var rows: Int64
    /// With indexes and what is stored apart.
    var bytes: Int64
}

/// Rows and bytes of each table of Vigil, partitions as one.
struct TableSizes: Sendable {
    private var sizes: [String: (rows: Int64, bytes: Int64)] = [:]

    static func read(on database: PostgresConnection) async throws -> TableSizes {
        let answer = try await database.query(
            """
            SELECT coalesce(pg_partition_root(oid), oid)::regclass::text,
                sum(pg_total_relation_size(oid))::bigint
            FROM pg_class
            WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') GROUP BY 1
            """)
        var sizes = TableSizes()
        for row in 0..<answer.rowCount {
            let table = try answer.string(row: row, column: 0)
            let rows = try await database.query("SELECT count(*) FROM \(table)")
            sizes.sizes[table] = (
                try rows.int64(row: 0, column: 0), try answer.int64(row: row, column: 1)
            )
        }
        return sizes
    }

    /// The tables that have changed their size or number of rows since then, the largest growth first.
    static func growth(
        from before: TableSizes, on database: PostgresConnection
    ) async throws -> [TableGrowth] {
        try await read(on: database).sizes.map { table, now in
            let then = before.sizes[table] ?? (0, 0)
            return TableGrowth(
                table: table, rows: now.rows - then.rows, bytes: now.bytes - then.bytes)
        }
        .filter { $0.rows != 0 || $0.bytes != 0 }
        .sorted { ($0.bytes, $0.table) > ($1.bytes, $1.table) }
    }
}
