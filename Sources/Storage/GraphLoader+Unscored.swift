package import AnomalyDetection
package import PostgresClient

/// What the stored scores and metrics say otherwise than a graph does.
package struct UnscoredEntities: Sendable {
    /// Entities without a score of the active model, and those whose stored metrics are not those
    /// of the graph: what moved them was read by nobody, or by a reader that died too early.
    package var staleEntityIDs: [Int64]
    /// Ids that still have metrics but are no entities of the graph.
    package var vanishedEntityIDs: [Int64]
}

extension GraphLoader {
    /// Compares scores and metrics as they are stored with the graph.
    package static func unscored(
        in detector: AnomalyDetector, on connection: PostgresConnection
    ) async throws -> UnscoredEntities {
        let stale = try await connection.query(
            """
            WITH judging AS MATERIALIZED (
                SELECT (SELECT version FROM vigil.models
                        WHERE state = 'active' AND kind = 'ensemble') AS active,
                    (SELECT version FROM vigil.models WHERE state = 'challenger'
                        AND kind = 'ensemble'
                        AND (vigil.get_setting('challenger_share'))::float8 > 0) AS challenger
            )
            SELECT e.id FROM vigil.entities e
            LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
            WHERE e.is_active AND \(isStale("s.entity_id"))
            UNION
            SELECT r.source_entity_id FROM vigil.relationships r
            LEFT JOIN vigil.relationship_scores s ON s.relationship_id = r.id
            WHERE r.is_active AND \(isStale("s.relationship_id"))
            UNION
            -- whose anomaly was put off because somebody held the entity
            SELECT s.entity_id FROM vigil.entity_scores s
            JOIN vigil.entities e ON e.id = s.entity_id AND e.is_active
            WHERE s.anomaly_score >= (SELECT vigil.current_threshold()) AND NOT EXISTS (
                SELECT FROM vigil.anomalies a WHERE a.subject_kind = 'entity'
                    AND a.subject_id = s.entity_id AND a.is_active)
            """)
        let (moved, vanished) = try await outdated(detector, on: connection)
        return UnscoredEntities(
            staleEntityIDs: Set(try ids(stale) + moved).sorted(), vanishedEntityIDs: vanished)
    }

    /// The condition that a score is missing, or of neither of the models that judge.
    ///
    /// A relationship too is looked at on its own: whoever died with a new model in hand may have
    /// judged its entity because of a change, before its turn had come with its relationships.
    private static func isStale(_ key: String) -> String {
        """
        (\(key) IS NULL
            OR split_part(s.model_version, '+', 1) IS DISTINCT FROM (SELECT active FROM judging)
            AND s.model_version IS DISTINCT FROM (SELECT challenger FROM judging))
        """
    }

    /// Compares the stored metrics with the graph's own.
    ///
    /// The history does not name the end that a relationship has left; there it shows by the counts
    /// and the strength.
    private static func outdated(
        _ detector: AnomalyDetector, on connection: PostgresConnection
    ) async throws -> (moved: [Int64], vanished: [Int64]) {
        try await connection.copyOut(
            """
            COPY (SELECT entity_id, degree, triangle_count, incoming_relationships,
                outgoing_relationships, strength FROM vigil.entity_metrics)
            TO STDOUT (FORMAT binary)
            """, into: (moved: [], vanished: [])
        ) { state, row in
            let id = try row.int64(0)
            guard detector.record(of: id) != nil else {
                state.vanished.append(id)
                return
            }
            // An inactive entity has no metrics, and is not to be judged.
            guard let metrics = detector.metrics(of: id) else { return }
            let degree = row.isNull(1) ? -1 : Int(try row.int32(1))
            let triangles = row.isNull(2) ? -1 : Int(try row.int64(2))
            let incoming = row.isNull(3) ? -1 : Int(try row.int32(3))
            let outgoing = row.isNull(4) ? -1 : Int(try row.int32(4))
            let strength = try row.doubleOrNaN(5)
            let isSame =
                degree == metrics.degree && triangles == metrics.triangleCount
                && incoming == metrics.incomingCount && outgoing == metrics.outgoingCount
                && isSameSum(strength, metrics.strength)
            if !isSame { state.moved.append(id) }
        }
    }

    /// The same weights in another order add up to almost the same.
    private static func isSameSum(_ first: Double, _ second: Double) -> Bool {
        if first.isNaN || second.isNaN { return first.isNaN && second.isNaN }
        return abs(first - second) <= 1e-6 * max(1, abs(first), abs(second))
    }

    private static func ids(_ answer: QueryResult) throws(PostgresError) -> [Int64] {
        var ids: [Int64] = []
        ids.reserveCapacity(answer.rowCount)
        for row in 0..<answer.rowCount {
            ids.append(try answer.int64(row: row, column: 0))
        }
        return ids
    }
}
