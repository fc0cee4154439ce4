package import AnomalyDetection
package import PostgresClient

/// Rows that are not there, or are otherwise than they are, as a preview's arguments tell them.
package struct SupposedRows: Sendable {
    /// The rows as a batch of changes; those that are not there have negative ids.
    package var changes = ChangeBatch()
    /// What the arguments call an entity.
    package var refs: [Int64: String] = [:]
    /// The names and types of the entities, and of the ends of the relationships.
    package var names: [Int64: (name: String?, type: String)] = [:]
    /// The types of the relationships.
    package var relationshipTypes: [Int64: String] = [:]
    /// The database's clock, in seconds since 1970.
    package var asOf = 0.0
}

/// Reads the arguments of previews; writes nothing.
package enum PreviewStore {
    /// The arguments as a task of kind preview takes them, with clear errors where it does not.
    package static func checked(
        _ arguments: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        do {
            return try await connection.query(
                "SELECT vigil.check_task_arguments('preview', $1::text::jsonb)::text",
                [.text(arguments)]
            ).string(row: 0, column: 0)
        } catch {
            // What is refused is said in words of its own: where it was said helps nobody.
            var error = error
            error.serverContext = nil
            error.context = nil
            throw error
        }
    }

    /// The rows of checked arguments: what they leave out is as it is, or as a new row has it.
    ///
    /// The database makes the rows, by the same expressions as those that are there.
    package static func rows(
        of arguments: String, types: TypeCatalog, on connection: PostgresConnection
    ) async throws -> SupposedRows {
        let codes = TypeCodes(types)
        var rows = SupposedRows()
        let entities = try await connection.query(
            """
            SELECT \(EntityColumns.entity(tag: "e", watching: codes.watched))
            FROM \(entityRows) AS e ORDER BY place
            """, [.text(arguments)])
        for row in 0..<entities.rowCount {
            rows.changes.entities.append(try FeedRow(entities, row: row).entity(codes))
        }
        let relationships = try await connection.query(
            """
            SELECT \(EntityColumns.relationship(tag: "r"))
            FROM \(relationshipRows) AS r ORDER BY place
            """, [.text(arguments)])
        for row in 0..<relationships.rowCount {
            let record = try FeedRow(relationships, row: row).relationship(codes)
            rows.changes.relationships.append(record)
            rows.relationshipTypes[record.id] = types.relationshipTypeName(record.typeCode)
        }
        let named = try await connection.query(
            """
            SELECT e.id, e.ref, coalesce(nullif(e.name, ''), e.value), e.type,
                date_part('epoch', clock_timestamp())
            FROM \(entityRows) AS e
            UNION ALL
            SELECT e.id, NULL, coalesce(nullif(e.name, ''), e.value), e.type,
                date_part('epoch', clock_timestamp())
            FROM vigil.entities AS e WHERE e.id = ANY ($2)
            """,
            [
                .text(arguments),
                .int64Array(
                    rows.changes.relationships.flatMap { [$0.sourceEntityID, $0.targetEntityID] }),
            ])
        for row in 0..<named.rowCount {
            let id = try named.int64(row: row, column: 0)
            if let ref = try named.optionalString(row: row, column: 1) { rows.refs[id] = ref }
            if rows.names[id] == nil {
                rows.names[id] = (
                    try named.optionalString(row: row, column: 2),
                    try named.string(row: row, column: 3)
                )
            }
            rows.asOf = try named.double(row: row, column: 4)
        }
        return rows
    }

    /// The rows that come of what the arguments say, in their order.
    private static let entityRows = """
        (SELECT e.*, item.value ->> 'ref' AS ref, item.place FROM
        jsonb_array_elements($1::text::jsonb -> 'entities')
            WITH ORDINALITY AS item (value, place)
        LEFT JOIN vigil.entities AS old ON old.id = (item.value ->> 'id')::bigint
        CROSS JOIN LATERAL jsonb_populate_record(
            CASE WHEN old.id IS NOT NULL THEN old ELSE jsonb_populate_record(
                NULL::vigil.entities, jsonb_build_object('sources', '[]'::jsonb,
                    'tags', '[]'::jsonb, 'metadata', '{}'::jsonb, 'is_verified', false,
                    'is_active', true, 'first_seen', now(), 'last_seen', now(),
                    'created_at', now(), 'updated_at', now())) END,
            item.value - 'ref') AS e)
        """

    /// The same for relationships.
    private static let relationshipRows = """
        (SELECT r.*, item.place FROM
        jsonb_array_elements($1::text::jsonb -> 'relationships')
            WITH ORDINALITY AS item (value, place)
        LEFT JOIN vigil.relationships AS old ON old.id = (item.value ->> 'id')::bigint
        CROSS JOIN LATERAL jsonb_populate_record(
            CASE WHEN old.id IS NOT NULL THEN old ELSE jsonb_populate_record(
                NULL::vigil.relationships, jsonb_build_object('sources', '[]'::jsonb,
                    'metadata', '{}'::jsonb, 'verified', false, 'is_active', true,
                    'first_observed', now(), 'last_observed', now(), 'created_at', now(),
                    'updated_at', now())) END,
            item.value) AS r)
        """
}
