package import PostgresClient

/// The score from which on a judgement is an anomaly.
package enum ThresholdStore {
    /// The one in force: a setting, or what an alert budget or a false-discovery rate has put in its
    /// place.
    package static func current(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> Double {
        try await connection.query("SELECT vigil.current_threshold()").double(row: 0, column: 0)
    }

    /// Computes it anew where a budget or a rate is set; who follows is told when it has moved.
    package static func adjust(on connection: PostgresConnection) async throws(PostgresError) {
        _ = try await connection.query("SELECT vigil.adjust_threshold()")
    }

    /// The entities that, or of whose outgoing relationships some, have a stored score in between: those
    /// that a lower threshold makes anomalies.
    package static func entityIDs(
        from threshold: Double, below former: Double, on connection: PostgresConnection
    ) async throws(PostgresError) -> [Int64] {
        let answer = try await connection.query(
            """
            SELECT entity_id FROM vigil.entity_scores
            WHERE anomaly_score >= $1 AND anomaly_score < $2
            UNION
            SELECT r.source_entity_id FROM vigil.relationship_scores AS s
            JOIN vigil.relationships AS r ON r.id = s.relationship_id
            WHERE s.anomaly_score >= $1 AND s.anomaly_score < $2
            ORDER BY 1
            """, [.double(threshold), .double(former)])
        var ids: [Int64] = []
        for row in 0..<answer.rowCount { ids.append(try answer.int64(row: row, column: 0)) }
        return ids
    }
}
