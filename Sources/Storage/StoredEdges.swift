package import PostgresClient

/// The active graph as bare rows: ends and weights, nothing else of it.
package struct StoredEdges: Sendable {
    /// The ids of the active entities, ascending.
    package private(set) var entityIDs: [Int64] = []
    /// Where each active relationship between active entities begins, as a position in `entityIDs`.
    package private(set) var sources: [Int32] = []
    /// Where it ends.
    package private(set) var targets: [Int32] = []
    /// Its weight; 0 where it has none, which adds nothing to a strength.
    package private(set) var weights: [Double] = []

    /// How many active entities and relationships there are.
    package static func count(
        on connection: PostgresConnection
    ) async throws -> (entities: Int, relationships: Int) {
        let answer = try await connection.query(
            """
            SELECT (SELECT count(*) FROM vigil.entities WHERE is_active),
                (SELECT count(*) FROM vigil.relationships WHERE is_active)
            """)
        return (
            Int(try answer.int64(row: 0, column: 0)), Int(try answer.int64(row: 0, column: 1))
        )
    }

    /// Reads the graph as one snapshot of the database shows it.
    package init(on connection: PostgresConnection) async throws {
        try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            try await read(on: connection)
            try await connection.execute("COMMIT")
        } catch {
            try? await connection.execute("ROLLBACK")
            throw error
        }
    }

    private mutating func read(on connection: PostgresConnection) async throws {
        entityIDs = try await connection.copyOut(
            """
            COPY (SELECT id FROM vigil.entities WHERE is_active ORDER BY id)
            TO STDOUT (FORMAT binary)
            """, into: [Int64]()
        ) { $0.append(try $1.int64(0)) }
        self = try await connection.copyOut(
            """
            COPY (SELECT r.source_entity_id, r.target_entity_id, r.weight::float8
                  FROM vigil.relationships r WHERE r.is_active)
            TO STDOUT (FORMAT binary)
            """, into: self
        ) { edges, row in
            guard let source = edges.position(of: try row.int64(0)),
                let target = edges.position(of: try row.int64(1))
            else { return }
            edges.sources.append(source)
            edges.targets.append(target)
            edges.weights.append(row.isNull(2) ? 0 : try row.double(2))
        }
    }

    private func position(of id: Int64) -> Int32? {
        var low = 0
        var high = entityIDs.count
        while low < high {
            let middle = (low + high) >> 1
            if entityIDs[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < entityIDs.count && entityIDs[low] == id ? Int32(low) : nil
    }
}
