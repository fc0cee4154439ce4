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
            SELECT e.id FROM vigil.entities e
            LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
            WHERE e.is_active AND (s.entity_id IS NULL
                OR split_part(s.model_version, '+', 1) IS DISTINCT FROM
                (SELECT version FROM vigil.models WHERE state = 'active' AND kind = 'ensemble')
                AND s.model_version IS DISTINCT FROM
                (SELECT version FROM vigil.models WHERE state = 'challenger' AND kind = 'ensemble'
                    AND (vigil.get_setting('challenger_share'))::float8 > 0))
            ORDER BY e.id
            """)
        let (moved, vanished) = try await outdated(detector, on: connection)
        return UnscoredEntities(
            staleEntityIDs: Set(try ids(stale) + moved).sorted(), vanishedEntityIDs: vanished)
    }

    /// Compares the stored metrics with the graph's own.
    private static func outdated(
        _ detector: AnomalyDetector, on connection: PostgresConnection
    ) async throws -> (moved: [Int64], vanished: [Int64]) {
        try await connection.copyOut(
            """
            COPY (SELECT entity_id, degree, triangle_count FROM vigil.entity_metrics)
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
            if degree != metrics.degree || triangles != metrics.triangleCount {
                state.moved.append(id)
            }
        }
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
