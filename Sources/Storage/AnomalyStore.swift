package import AnomalyDetection
import Foundation
package import PostgresClient

/// An anomaly as an analyst meets it.
package struct StoredAnomaly: Sendable, Codable, Equatable {
    package var id: String
    /// "entity" or "relationship".
    package var subjectKind: String
    package var subjectID: Int64
    package var subjectType: String
    package var subjectName: String
    package var anomalyType: String
    package var severity: String
    package var anomalyScore: Double
    package var pValue: Double?
    package var confidence: Double
    package var description: String
    package var detectedAt: String
    package var modelVersion: String?
}

package enum AnomalyStore {
    private static let columns = """
        a.id::text, a.subject_id, a.subject_type, a.subject_name, a.anomaly_type, a.severity,
        a.anomaly_score, a.p_value, a.confidence, a.description,
        a.first_detected::timestamptz(0)::text, a.model_version, a.subject_kind
        """

    package static func anomaly(
        _ id: String, on connection: PostgresConnection
    ) async throws -> StoredAnomaly {
        let answer = try await connection.query(
            "SELECT \(columns) FROM vigil.anomalies a WHERE a.id = $1",
            [try key(id)])
        guard answer.rowCount == 1 else { throw unknown(id) }
        return try stored(answer, row: 0)
    }

    /// Subjects that no training should take for normal: those with an open anomaly that nobody has
    /// dismissed, and those with an anomaly that somebody has confirmed.
    package static func suspects(on connection: PostgresConnection) async throws -> Set<Subject> {
        try await subjects(
            """
            is_active AND (verdict IS NULL OR verdict NOT IN ('false_positive', 'benign'))
                OR verdict = 'true_positive'
            """, on: connection)
    }

    /// Subjects that somebody has reviewed, by the newest verdict on each.
    ///
    /// True where an anomaly was confirmed, false where it was none. Undecided ones are not among them.
    package static func reviewed(
        on connection: PostgresConnection
    ) async throws -> [Subject: Bool] {
        let answer = try await connection.query(
            """
            SELECT DISTINCT ON (subject_kind, subject_id) subject_kind = 'entity', subject_id,
                verdict = 'true_positive'
            FROM vigil.anomalies
            WHERE verdict IN ('true_positive', 'false_positive', 'benign')
            ORDER BY subject_kind, subject_id, reviewed_at DESC, id
            """)
        var verdicts: [Subject: Bool] = [:]
        for row in 0..<answer.rowCount {
            let id = try answer.int64(row: row, column: 1)
            verdicts[try answer.bool(row: row, column: 0) ? .entity(id) : .relationship(id)] =
                try answer.bool(row: row, column: 2)
        }
        return verdicts
    }

    /// Subjects whose open anomalies are older than their scores: a sidecar has died before it
    /// renewed them.
    package static func outdated(
        on connection: PostgresConnection
    ) async throws -> Set<Subject> {
        try await subjects(
            """
            is_active AND (
                EXISTS (SELECT FROM vigil.entity_scores s
                    WHERE s.entity_id = anomalies.entity_id
                        AND s.scored_at > anomalies.last_detected)
                OR EXISTS (SELECT FROM vigil.relationship_scores s
                    WHERE s.relationship_id = anomalies.relationship_id
                        AND s.scored_at > anomalies.last_detected))
            """, on: connection)
    }

    /// The subjects of the anomalies of which the condition holds.
    static func subjects(
        _ condition: String, on connection: PostgresConnection
    ) async throws -> Set<Subject> {
        let answer = try await connection.query(
            """
            SELECT DISTINCT subject_kind = 'entity', subject_id FROM vigil.anomalies
            WHERE \(condition)
            """)
        var subjects: Set<Subject> = []
        subjects.reserveCapacity(answer.rowCount)
        for row in 0..<answer.rowCount {
            let id = try answer.int64(row: row, column: 1)
            subjects.insert(
                try answer.bool(row: row, column: 0) ? .entity(id) : .relationship(id))
        }
        return subjects
    }

    /// Open anomalies, the strangest first.
    package static func open(
        limit: Int, on connection: PostgresConnection
    ) async throws -> [StoredAnomaly] {
        let answer = try await connection.query(
            """
            SELECT \(columns) FROM vigil.anomalies a WHERE a.is_active
            ORDER BY a.anomaly_score DESC, a.p_value, a.subject_kind, a.subject_id LIMIT $1
            """, [.int64(Int64(limit))])
        return try (0..<answer.rowCount).map { try stored(answer, row: $0) }
    }

    /// The subgraph that was stored at detection, as JSON; `nil` when there is none.
    package static func subgraphJSON(
        of id: String, on connection: PostgresConnection
    ) async throws -> String? {
        let answer = try await connection.query(
            "SELECT subgraph::text FROM vigil.anomalies WHERE id = $1",
            [try key(id)])
        guard answer.rowCount == 1 else { throw unknown(id) }
        return try answer.optionalString(row: 0, column: 0)
    }

    /// Relationship rows that the explanation names as evidence.
    package static func evidence(
        of id: String, on connection: PostgresConnection
    ) async throws -> [Int64: String] {
        let answer = try await connection.query(
            """
            SELECT (e ->> 'relationship_id')::bigint, coalesce(e ->> 'reason', '')
            FROM vigil.anomalies a,
                jsonb_array_elements(CASE WHEN jsonb_typeof(a.explanation -> 'evidence') = 'array'
                    THEN a.explanation -> 'evidence' ELSE '[]' END) AS e
            WHERE a.id = $1 AND e ->> 'relationship_id' IS NOT NULL
            """, [try key(id)])
        var evidence: [Int64: String] = [:]
        for row in 0..<answer.rowCount {
            evidence[try answer.int64(row: row, column: 0)] =
                try answer.string(row: row, column: 1)
        }
        return evidence
    }

    /// Name, score and severity of entities as they are now.
    package static func labels(
        of ids: [Int64], on connection: PostgresConnection
    ) async throws -> [Int64: (name: String?, score: Double?, severity: String?)] {
        let answer = try await connection.query(
            """
            SELECT e.id, coalesce(nullif(e.name, ''), e.value), s.anomaly_score, s.severity
            FROM vigil.entities e LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
            WHERE e.id = ANY ($1)
            """, [.int64Array(ids)])
        var labels: [Int64: (name: String?, score: Double?, severity: String?)] = [:]
        for row in 0..<answer.rowCount {
            labels[try answer.int64(row: row, column: 0)] = (
                try answer.optionalString(row: row, column: 1),
                try answer.optionalDouble(row: row, column: 2),
                try answer.optionalString(row: row, column: 3)
            )
        }
        return labels
    }

    /// What of an anomaly a picture of it depends on: a later detection makes the picture an old one.
    package static func detection(
        of id: String, on connection: PostgresConnection
    ) async throws -> Detection {
        let answer = try await connection.query(
            "SELECT graph_epoch, last_detected FROM vigil.anomalies WHERE id = $1", [try key(id)])
        guard answer.rowCount == 1 else { throw unknown(id) }
        return Detection(
            graphEpoch: try answer.optionalInt64(row: 0, column: 0),
            lastDetected: try answer.timestampSeconds(row: 0, column: 1))
    }

    /// A detection of an anomaly.
    package struct Detection: Sendable, Equatable {
        package var graphEpoch: Int64?
        /// Seconds since 1970.
        package var lastDetected: Double
    }

    /// The graph around an anomaly as it is now, in the JSON of `anomalies.subgraph`.
    package static func liveSubgraphJSON(
        of id: String, hops: Int, nodeLimit: Int, on connection: PostgresConnection
    ) async throws -> String {
        try await connection.query(
            "SELECT vigil.live_subgraph($1, $2, $3)::text",
            [try key(id), .int32(Int32(hops)), .int32(Int32(nodeLimit))]
        ).string(row: 0, column: 0)
    }

    /// The entity and its neighbours as they are now, in the same JSON; null keys where there is none.
    package static func subgraphJSON(
        around entity: Int64, nodeLimit: Int, on connection: PostgresConnection
    ) async throws -> String {
        try await connection.query(
            "SELECT vigil.gather_subgraph(ARRAY[$1], NULL, 1, $2)::text",
            [.int64(entity), .int32(Int32(nodeLimit))]
        ).string(row: 0, column: 0)
    }

    /// The id as a key; what is no UUID is no anomaly's id.
    private static func key(_ id: String) throws -> PostgresParameter {
        guard let uuid = UUID(uuidString: id) else { throw unknown(id) }
        return .uuid(uuid.uuidString)
    }

    private static func unknown(_ id: String) -> StorageError {
        StorageError(
            code: .unknownAnomaly, message: "there is no anomaly \(id)",
            hint: "list them: SELECT id FROM vigil.anomalies_open")
    }

    private static func stored(_ answer: QueryResult, row: Int) throws(PostgresError)
        -> StoredAnomaly
    {
        StoredAnomaly(
            id: try answer.string(row: row, column: 0),
            subjectKind: try answer.string(row: row, column: 12),
            subjectID: try answer.int64(row: row, column: 1),
            subjectType: try answer.string(row: row, column: 2),
            subjectName: try answer.string(row: row, column: 3),
            anomalyType: try answer.string(row: row, column: 4),
            severity: try answer.string(row: row, column: 5),
            anomalyScore: try answer.double(row: row, column: 6),
            pValue: try answer.optionalDouble(row: row, column: 7),
            confidence: try answer.double(row: row, column: 8),
            description: try answer.string(row: row, column: 9),
            detectedAt: try answer.string(row: row, column: 10),
            modelVersion: try answer.optionalString(row: row, column: 11))
    }
}
