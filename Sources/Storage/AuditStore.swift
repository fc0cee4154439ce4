package import AnomalyDetection
package import ChangeFeed
package import PostgresClient

/// Rows of a range of ids as they were at a place of the feed.
package struct AuditedRows: Sendable {
    package var entities: [EntityRecord] = []
    package var relationships: [RelationshipRecord] = []
    /// Ids whose rows have been updated or deleted since that place: nothing can be said of them.
    package var touched: Set<Int64> = []
    /// There were more rows than were read.
    package var isCutOff = false
}

/// Reads what memory is compared with, and what it is healed by.
package enum AuditStore {
    /// Settings of the audit's own session.
    package static let sessionSettings = """
        SET search_path = vigil, pg_catalog, pg_temp;
        SET synchronous_commit = off;
        SET jit = off;
        SET max_parallel_workers_per_gather = 0;
        SET statement_timeout = '60s';
        SET lock_timeout = '2s';
        SET idle_in_transaction_session_timeout = '10s';
        """

    /// The entities of a range as they were at a place of the feed, which lies in the past.
    ///
    /// One statement, and so one snapshot: what has come since is left out, what has been updated or
    /// deleted since is named.
    package static func entities(
        in range: ClosedRange<Int64>, at place: FeedSnapshot, types: TypeCodes, limit: Int,
        on connection: PostgresConnection
    ) async throws -> AuditedRows {
        try await rows(
            "SELECT \(EntityColumns.entity(tag: "e", watching: types.watched)) FROM vigil.entities e"
                + " WHERE \(visible("e", range, place))",
            "e", range, place, types, limit, on: connection)
    }

    /// The relationships of a range, in the same way.
    package static func relationships(
        in range: ClosedRange<Int64>, at place: FeedSnapshot, types: TypeCodes, limit: Int,
        on connection: PostgresConnection
    ) async throws -> AuditedRows {
        try await rows(
            "SELECT \(EntityColumns.relationship(tag: "r")) FROM vigil.relationships r"
                + " WHERE \(visible("r", range, place))",
            "r", range, place, types, limit, on: connection)
    }

    private static func visible(
        _ table: String, _ range: ClosedRange<Int64>, _ place: FeedSnapshot
    ) -> String {
        """
        \(table).id BETWEEN \(range.lowerBound) AND \(range.upperBound)
            AND pg_visible_in_snapshot(\(table).inserted_xid, '\(place)'::pg_snapshot)
        """
    }

    private static func rows(
        _ query: String, _ kind: String, _ range: ClosedRange<Int64>,
        _ place: FeedSnapshot, _ types: TypeCodes, _ limit: Int, on connection: PostgresConnection
    ) async throws -> AuditedRows {
        let inProgress = place.inProgress.map { "'\($0)'" }.joined(separator: ", ")
        let since =
            "h.recorded_xid >= '\(place.xmax)'::xid8"
            + (inProgress.isEmpty ? "" : " OR h.recorded_xid = ANY (ARRAY[\(inProgress)]::xid8[])")
        // The touched ones first: they are never cut off.
        var found = try await connection.copyOut(
            """
            COPY (SELECT DISTINCT 't'::text AS tag, h.subject_id AS id, \(EntityColumns.nothing)
                FROM vigil.observation_history AS h
                WHERE h.kind = '\(kind)' AND h.operation IN ('U', 'D') AND (\(since))
                    AND h.subject_id BETWEEN \(range.lowerBound) AND \(range.upperBound)
                UNION ALL
                (\(query) LIMIT \(limit)))
            TO STDOUT (FORMAT binary)
            """, into: AuditedRows()
        ) { found, row in
            let row = try FeedRow(row)
            switch row.tag {
            case "e": found.entities.append(try row.entity(types))
            case "r": found.relationships.append(try row.relationship(types))
            default: found.touched.insert(row.id)
            }
        }
        found.isCutOff = found.entities.count + found.relationships.count >= limit
        return found
    }

    /// Rows by their ids as they are now.
    package static func rows(
        entities: [Int64], relationships: [Int64], types: TypeCodes,
        on connection: PostgresConnection
    ) async throws -> ChangeBatch {
        let answer = try await connection.query(
            """
            SELECT \(EntityColumns.entity(tag: "e", watching: types.watched)) FROM vigil.entities e
            WHERE e.id = ANY ($1)
            UNION ALL
            SELECT \(EntityColumns.relationship(tag: "r")) FROM vigil.relationships r
            WHERE r.id = ANY ($2)
            """, [.int64Array(entities), .int64Array(relationships)])
        var rows = ChangeBatch()
        for index in 0..<answer.rowCount {
            let row = try FeedRow(answer, row: index)
            if row.tag == "e" {
                rows.entities.append(try row.entity(types))
            } else {
                rows.relationships.append(try row.relationship(types))
            }
        }
        return rows
    }

    // MARK: - The report

    /// What the audit has found of the rows of one kind, for `vigil.memory_health`.
    package struct Report: Sendable {
        /// "entity" or "relationship".
        package var kind: String
        package var rounds = 0
        package var rowCount = 0
        package var tableHash: UInt64 = 0
        package var memoryHash: UInt64 = 0
        /// Rows that differed in the last round.
        package var differing = 0
        package var seconds = 0.0
        /// Rows that differed since the sidecar started, those healed, and how often all was loaded.
        package var found = 0
        package var healed = 0
        package var reloads = 0
        /// Whether something was found since the last report.
        package var hasFound = false
        package var note: String?

        package init(kind: String) { self.kind = kind }
    }

    package static func write(
        _ report: Report, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            INSERT INTO vigil.memory_health AS h (kind, audited_at, rounds, row_count, table_hash,
                memory_hash, differing, seconds, found, healed, reloads, found_at, note)
            VALUES ($1, clock_timestamp(), $2, $3, $4, $5, $6, $7, $8, $9, $10,
                CASE WHEN $11 THEN clock_timestamp() END, $12)
            ON CONFLICT (kind) DO UPDATE SET (audited_at, rounds, row_count, table_hash,
                memory_hash, differing, seconds, found, healed, reloads, found_at, note) = (
                excluded.audited_at, excluded.rounds, excluded.row_count, excluded.table_hash,
                excluded.memory_hash, excluded.differing, excluded.seconds, excluded.found,
                excluded.healed, excluded.reloads, coalesce(excluded.found_at, h.found_at),
                excluded.note)
            """,
            [
                .text(report.kind), .int64(Int64(report.rounds)), .int64(Int64(report.rowCount)),
                .int64(Int64(bitPattern: report.tableHash)),
                .int64(Int64(bitPattern: report.memoryHash)), .int64(Int64(report.differing)),
                .double(report.seconds), .int64(Int64(report.found)),
                .int64(Int64(report.healed)), .int64(Int64(report.reloads)),
                .bool(report.hasFound), report.note.map { .text($0) } ?? .null,
            ])
    }
}
