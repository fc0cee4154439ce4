import Foundation
package import PostgresClient

/// An anomaly as an analyst meets it.
package struct StoredAnomaly: Sendable, Codable, Equatable {
    package var id: String
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

/// A node or edge row of a stored or live subgraph, before it is drawn.
package struct SubgraphRows: Sendable {
    package struct Node: Sendable {
        package var id: Int64
        package var type: String
        package var name: String?
        package var hop: Int
        package var score: Double?
        package var severity: String?
    }
    package struct Edge: Sendable {
        package var id: Int64
        package var source: Int64
        package var target: Int64
        package var type: String
    }
    package var nodes: [Node] = []
    package var edges: [Edge] = []
    package var truncated = false
}

package enum AnomalyStore {
    private static let columns = """
        a.id::text, a.subject_id, a.subject_type, a.subject_name, a.anomaly_type, a.severity,
        a.anomaly_score, a.p_value, a.confidence, a.description,
        a.first_detected::timestamptz(0)::text, a.model_version
        """

    package static func anomaly(
        _ id: String, on connection: PostgresConnection
    ) async throws -> StoredAnomaly {
        let answer = try await connection.query(
            "SELECT \(columns) FROM vigil.anomalies a WHERE a.id::text = $1",
            [.text(id.lowercased())])
        guard answer.rowCount == 1 else { throw unknown(id) }
        return try stored(answer, row: 0)
    }

    /// Open anomalies, the strangest first.
    package static func open(
        limit: Int, on connection: PostgresConnection
    ) async throws -> [StoredAnomaly] {
        let answer = try await connection.query(
            """
            SELECT \(columns) FROM vigil.anomalies a WHERE a.is_active
            ORDER BY a.anomaly_score DESC, a.p_value, a.subject_id LIMIT $1
            """, [.int64(Int64(limit))])
        return try (0..<answer.rowCount).map { try stored(answer, row: $0) }
    }

    /// The subgraph that was stored at detection, as JSON; `nil` when there is none.
    package static func subgraphJSON(
        of id: String, on connection: PostgresConnection
    ) async throws -> String? {
        let answer = try await connection.query(
            "SELECT subgraph::text FROM vigil.anomalies WHERE id::text = $1",
            [.text(id.lowercased())])
        guard answer.rowCount == 1 else { throw unknown(id) }
        return answer.isNull(row: 0, column: 0) ? nil : try answer.string(row: 0, column: 0)
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
            WHERE a.id::text = $1 AND e ->> 'relationship_id' IS NOT NULL
            """, [.text(id.lowercased())])
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
                answer.isNull(row: row, column: 1) ? nil : try answer.string(row: row, column: 1),
                answer.isNull(row: row, column: 2) ? nil : try answer.double(row: row, column: 2),
                answer.isNull(row: row, column: 3) ? nil : try answer.string(row: row, column: 3)
            )
        }
        return labels
    }

    /// The neighbourhood of an entity as it is now, breadth first, at most `nodeLimit` nodes.
    package static func liveSubgraph(
        around entityID: Int64, hops: Int, nodeLimit: Int, on connection: PostgresConnection
    ) async throws -> SubgraphRows {
        var rows = SubgraphRows()
        var hopOf: [Int64: Int] = [entityID: 0]
        var frontier = [entityID]
        for hop in stride(from: 1, through: hops, by: 1) where !frontier.isEmpty {
            let answer = try await connection.query(
                """
                SELECT DISTINCT other FROM (
                    SELECT target_entity_id AS other FROM vigil.relationships
                    WHERE source_entity_id = ANY ($1) AND is_active
                    UNION ALL
                    SELECT source_entity_id FROM vigil.relationships
                    WHERE target_entity_id = ANY ($1) AND is_active) AS n
                ORDER BY other
                """, [.int64Array(frontier)])
            frontier = []
            for row in 0..<answer.rowCount {
                let other = try answer.int64(row: row, column: 0)
                guard hopOf[other] == nil else { continue }
                guard hopOf.count < nodeLimit else {
                    rows.truncated = true
                    break
                }
                hopOf[other] = hop
                frontier.append(other)
            }
        }
        let ids = hopOf.keys.sorted()
        let nodes = try await connection.query(
            "SELECT id, type FROM vigil.entities WHERE id = ANY ($1) ORDER BY id",
            [.int64Array(ids)])
        for row in 0..<nodes.rowCount {
            let id = try nodes.int64(row: row, column: 0)
            rows.nodes.append(
                SubgraphRows.Node(
                    id: id, type: try nodes.string(row: row, column: 1), hop: hopOf[id] ?? 0))
        }
        let edges = try await connection.query(
            """
            SELECT id, source_entity_id, target_entity_id, type FROM vigil.relationships
            WHERE source_entity_id = ANY ($1) AND target_entity_id = ANY ($1) AND is_active
            ORDER BY id
            """, [.int64Array(ids)])
        for row in 0..<edges.rowCount {
            rows.edges.append(
                SubgraphRows.Edge(
                    id: try edges.int64(row: row, column: 0),
                    source: try edges.int64(row: row, column: 1),
                    target: try edges.int64(row: row, column: 2),
                    type: try edges.string(row: row, column: 3)))
        }
        return rows
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
            subjectID: try answer.int64(row: row, column: 1),
            subjectType: try answer.string(row: row, column: 2),
            subjectName: try answer.string(row: row, column: 3),
            anomalyType: try answer.string(row: row, column: 4),
            severity: try answer.string(row: row, column: 5),
            anomalyScore: try answer.double(row: row, column: 6),
            pValue: answer.isNull(row: row, column: 7)
                ? nil : try answer.double(row: row, column: 7),
            confidence: try answer.double(row: row, column: 8),
            description: try answer.string(row: row, column: 9),
            detectedAt: try answer.string(row: row, column: 10),
            modelVersion: answer.isNull(row: row, column: 11)
                ? nil : try answer.string(row: row, column: 11))
    }
}
