package import AnomalyDetection
package import PostgresClient

/// What would undo an anomaly that is stored.
package struct FoundCounterfactual: Sendable {
    package var subject: Subject
    package var anomalyType: AnomalyType
    /// When the anomaly was detected, in seconds since 1970: a later detection has another one.
    package var detectedAt: Double
    package var counterfactual: Counterfactual

    package init(
        subject: Subject, anomalyType: AnomalyType, detectedAt: Double,
        counterfactual: Counterfactual
    ) {
        self.subject = subject
        self.anomalyType = anomalyType
        self.detectedAt = detectedAt
        self.counterfactual = counterfactual
    }
}

/// Completes explanations by their counterfactuals, which come after the anomaly itself.
package enum CounterfactualStore {
    /// Adds them to the explanations of the anomalies, where these are still of the same detection.
    ///
    /// - Returns: the subjects whose anomaly somebody holds in an open transaction: theirs is left out.
    package static func write(
        _ found: [FoundCounterfactual], on connection: PostgresConnection
    ) async throws(PostgresError) -> Set<Subject> {
        guard !found.isEmpty else { return [] }
        let answer = try await connection.query(
            """
            WITH found AS (
                SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[],
                    $5::text[], $6::text[]) AS f (kind, id, type, detected, document, sentence)
            ), open AS MATERIALIZED (
                SELECT a.id, a.subject_kind, a.subject_id, f.document, f.sentence
                FROM found f JOIN vigil.anomalies a
                    ON a.subject_kind = f.kind AND a.subject_id = f.id AND a.anomaly_type = f.type
                    AND a.is_active AND a.last_detected = f.detected
                WHERE NOT a.explanation ? 'counterfactual'
            ), free AS MATERIALIZED (
                SELECT a.id, o.document, o.sentence FROM open o JOIN vigil.anomalies a ON a.id = o.id
                FOR NO KEY UPDATE OF a SKIP LOCKED
            ), completed AS (
                UPDATE vigil.anomalies a
                SET explanation = a.explanation || jsonb_build_object(
                    'counterfactual', f.document::jsonb,
                    'summary', concat_ws(' ', a.explanation ->> 'summary', f.sentence))
                FROM free f WHERE a.id = f.id
            )
            SELECT subject_kind = 'entity', subject_id FROM open
            WHERE id NOT IN (SELECT id FROM free)
            """,
            [
                .textArray(found.map { $0.subject.entityID == nil ? "relationship" : "entity" }),
                .int64Array(found.map(\.subject.id)),
                .textArray(found.map(\.anomalyType.rawValue)),
                .timestampSecondsArray(found.map(\.detectedAt)),
                .textArray(found.map { JudgementJSON.counterfactual($0.counterfactual) }),
                .textArray(
                    found.map {
                        $0.counterfactual.relationshipIDs.isEmpty
                            ? nil : $0.counterfactual.sentence
                    }),
            ])
        return Set(
            try (0..<answer.rowCount).map { row throws(PostgresError) in
                try ResultWriter.subject(in: answer, row: row)
            })
    }

    /// Open anomalies of the last hour that wait for theirs, the newest first: a sidecar has died between
    /// the two.
    package static func unfinished(
        atMost count: Int, on connection: PostgresConnection
    ) async throws -> [(subject: Subject, detectedAt: Double)] {
        let answer = try await connection.query(
            """
            SELECT subject_kind = 'entity', subject_id, last_detected FROM vigil.anomalies
            WHERE is_active AND last_detected > now() - interval '1 hour'
                AND NOT explanation ? 'counterfactual'
            ORDER BY last_detected DESC LIMIT $1
            """, [.int64(Int64(count))])
        return try (0..<answer.rowCount).map { row in
            let id = try answer.int64(row: row, column: 1)
            return (
                try answer.bool(row: row, column: 0) ? .entity(id) : .relationship(id),
                try answer.timestampSeconds(row: row, column: 2)
            )
        }
    }
}
