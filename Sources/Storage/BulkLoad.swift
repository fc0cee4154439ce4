package import PostgresClient

/// Loads a whole graph by COPY in one transaction: all of it, or nothing.
package struct BulkLoad: Sendable {
    private var entities = CopyTextRow()
    private var relationships = CopyTextRow()
    private var observations = CopyTextRow()
    private var entityTypes: Set<String> = []
    private var relationshipTypes: Set<String> = []
    private let now: Double

    /// Rows added so far.
    package private(set) var entityCount = 0
    package private(set) var relationshipCount = 0
    package private(set) var observationCount = 0

    /// Relationship types whose weights are ratings, such as trust from -10 to 10.
    package var ratingTypes: Set<String> = []

    /// `now` stands for the times that a row does not tell, in seconds since 1970.
    package init(now: Double) {
        self.now = now
    }

    package mutating func add(_ entity: BulkEntity) {
        entityTypes.insert(entity.type)
        entity.write(to: &entities, now: now)
        entityCount += 1
    }

    package mutating func add(_ relationship: BulkRelationship) {
        relationshipTypes.insert(relationship.type)
        relationship.write(to: &relationships, now: now)
        relationshipCount += 1
    }

    package mutating func add(_ observation: BulkObservation) {
        observation.write(to: &observations, now: now)
        observationCount += 1
    }

    /// Ids that nobody else will get, from the tables' own sequences.
    package static func reserveIDs(
        table: String, count: Int, on connection: PostgresConnection
    ) async throws(PostgresError) -> [Int64] {
        let answer = try await connection.query(
            """
            SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2::bigint)
            """, [.text(table), .int64(Int64(count))])
        var ids: [Int64] = []
        ids.reserveCapacity(count)
        for row in 0..<answer.rowCount {
            ids.append(try answer.int64(row: row, column: 0))
        }
        return ids
    }

    /// Writes everything in one transaction; types that the tables do not know are added.
    package consuming func run(
        on connection: PostgresConnection,
        progress: @escaping @Sendable (_ table: String, _ done: Int, _ total: Int) -> Void
    ) async throws {
        entities.flush()
        relationships.flush()
        observations.flush()
        try await connection.execute("BEGIN")
        do {
            _ = try await connection.query(
                """
                INSERT INTO vigil.entity_types (type, description)
                SELECT t, 'added by an import' FROM unnest($1::text[]) AS t ORDER BY t
                ON CONFLICT DO NOTHING
                """, [.textArray(entityTypes.sorted())])
            _ = try await connection.query(
                """
                INSERT INTO vigil.relationship_types (type, description, is_rating)
                SELECT t, 'added by an import', t = ANY ($2) FROM unnest($1::text[]) AS t ORDER BY t
                ON CONFLICT (type) DO UPDATE
                    SET is_rating = vigil.relationship_types.is_rating OR excluded.is_rating
                """, [.textArray(relationshipTypes.sorted()), .textArray(ratingTypes.sorted())])
            try await copy(
                entities.chunks, count: entityCount, into: "entities", BulkEntity.columns,
                on: connection, progress)
            try await copy(
                relationships.chunks, count: relationshipCount, into: "relationships",
                BulkRelationship.columns, on: connection, progress)
            try await copy(
                observations.chunks, count: observationCount, into: "observation_history",
                BulkObservation.columns, on: connection, progress)
            try await connection.execute("COMMIT")
        } catch {
            try? await connection.execute("ROLLBACK")
            throw error
        }
        try await connection.execute(
            "ANALYZE vigil.entities; ANALYZE vigil.relationships; ANALYZE vigil.observation_history"
        )
    }

    private func copy(
        _ chunks: [[UInt8]], count: Int, into table: String, _ columns: String,
        on connection: PostgresConnection,
        _ progress: @escaping @Sendable (String, Int, Int) -> Void
    ) async throws {
        guard count > 0 else { return }
        _ = try await connection.copyIn(
            "COPY vigil.\(table) (\(columns)) FROM STDIN", from: (chunks: chunks, sent: 0)
        ) { source in
            guard source.sent < source.chunks.count else { return nil }
            progress(table, count * source.sent / source.chunks.count, count)
            source.sent += 1
            return source.chunks[source.sent - 1]
        }
        progress(table, count, count)
    }
}
