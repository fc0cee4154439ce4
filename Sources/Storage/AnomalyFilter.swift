package import PostgresClient

/// Which anomalies `vigil.list_anomalies` is asked for, and in which order; nil asks for nothing.
package struct AnomalyFilter: Sendable, Equatable {
    package var severity, type, verdict, subject, method, assignedTo: String?
    package var state = "open"
    package var entity, relationship, incident: Int64?
    /// Seconds since 1970.
    package var since, until: Double?
    package var scoreMin, scoreMax: Double?
    /// "score" or "time".
    package var order = "score"

    package init() {}

    /// The parameters $1 to $15 of the call.
    fileprivate var parameters: [PostgresParameter] {
        [
            .optional(severity), .optional(type), .text(state), .optional(verdict),
            .optional(entity), .optional(relationship), .optional(subject),
            since.map { .timestampSeconds($0) } ?? .null,
            until.map { .timestampSeconds($0) } ?? .null,
            .optional(scoreMin), .optional(scoreMax), .optional(method), .optional(incident),
            .optional(assignedTo), .text(order),
        ]
    }
}

extension AnomalyStore {
    /// Most anomalies of one page.
    package static let pageSizeMax = 1000

    /// Everything that is listed of an anomaly, from a line of `vigil.list_anomalies`.
    private static let listed = """
        jsonb_build_object('id', a.id, 'severity', a.severity, 'score', a.anomaly_score,
            'type', a.anomaly_type, 'subject', line.subject, 'subject_kind', a.subject_kind,
            'subject_id', a.subject_id, 'subject_type', a.subject_type,
            'subject_name', a.subject_name, 'state', line.state, 'age', line.age,
            'verdict', a.verdict, 'reviewed_by', a.reviewed_by, 'reviewed_at', a.reviewed_at,
            'review_notes', a.review_notes, 'assigned_to', a.assigned_to,
            'incident_id', a.incident_id, 'confidence', a.confidence,
            'indicators', a.indicators, 'description', a.description,
            'detection_method', a.detection_method, 'model_version', a.model_version,
            'first_detected', a.first_detected, 'last_detected', a.last_detected,
            'occurrences', a.occurrences, 'resolved_at', a.resolved_at,
            'resolution', a.resolution)
        """

    /// One page of anomalies, each as a JSON object, and the place after its last one; nil where
    /// nothing can follow.
    package static func page(
        _ filter: AnomalyFilter, size: Int, after place: String?,
        on connection: PostgresConnection
    ) async throws(PostgresError) -> (rows: [String], next: String?) {
        let answer = try await connection.ask(
            """
            SELECT (\(listed))::text,
                CASE WHEN line.position = $17 THEN vigil.anomaly_cursor(line.id, $15) END
            FROM vigil.list_anomalies($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                    $15, $16, $17::integer)
                WITH ORDINALITY AS line
                    (id, severity, score, type, subject, state, age, position)
                JOIN vigil.anomalies a ON a.id = line.id
            ORDER BY line.position
            """, filter.parameters + [.optional(place), .int32(Int32(size))])
        var rows: [String] = []
        for row in 0..<answer.rowCount {
            rows.append(try answer.string(row: row, column: 0))
        }
        let last = answer.rowCount - 1
        let isFull = answer.rowCount == size && !answer.isNull(row: last, column: 1)
        return (rows, isFull ? try answer.string(row: last, column: 1) : nil)
    }

    /// The key of the one anomaly whose id begins so.
    package static func identify(
        _ beginning: String, on connection: PostgresConnection
    ) async throws -> String {
        let digits = beginning.lowercased().filter { $0 != "-" }
        guard (4...32).contains(digits.count), digits.allSatisfy(\.isHexDigit),
            digits.utf8.count == digits.count
        else {
            throw StorageError(
                code: .unknownAnomaly,
                message: "\"\(beginning.prefix(60))\" is no id of an anomaly",
                hint: "give one from `vigil anomalies`, or its first four characters or more")
        }
        func bound(_ filler: Character) -> PostgresParameter {
            let text = Array(digits + String(repeating: filler, count: 32 - digits.count))
            return .uuid(
                [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(text[$0]) }
                    .joined(separator: "-"))
        }
        let answer = try await connection.query(
            "SELECT id::text FROM vigil.anomalies WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT 6",
            [bound("0"), bound("f")])
        switch answer.rowCount {
        case 1: return try answer.string(row: 0, column: 0)
        case 0:
            throw StorageError(
                code: .unknownAnomaly, message: "there is no anomaly \(beginning)",
                hint: "see `vigil anomalies --state all`")
        default:
            var ids: [String] = []
            for row in 0..<min(answer.rowCount, 5) {
                ids.append(try answer.string(row: row, column: 0))
            }
            throw StorageError(
                code: .unknownAnomaly,
                message: "the ids of \(answer.rowCount > 5 ? "many" : "several") anomalies begin "
                    + "with \(beginning): \(ids.joined(separator: ", "))",
                hint: "give more of it")
        }
    }

    /// Whether the role that connects may see names in pictures.
    package static func seesLabels(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        try await connection.ask("SELECT vigil.sees_labels()").bool(row: 0, column: 0)
    }

    /// Everything about one anomaly as JSON: its row, its explanation as data and as text, reviews,
    /// decisions and checklist.
    package static func dossier(
        of id: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        try await connection.askJSON(
            """
            SELECT jsonb_build_object('anomaly', to_jsonb(detail) - 'explanation',
                'explanation', a.explanation, 'text', detail.explanation,
                'reviews', coalesce((SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id)
                    FROM vigil.reviews r WHERE r.anomaly_id = a.id), '[]'),
                'decisions', coalesce((SELECT jsonb_agg(jsonb_build_object('at', d.at,
                        'action', d.action, 'actor', d.actor, 'after', d.after) ORDER BY d.seq)
                    FROM vigil.audit_log d
                    WHERE d.object_kind IN ('anomaly', 'checklist') AND d.object_id = a.id::text),
                    '[]'),
                'checklist', coalesce((SELECT jsonb_agg(to_jsonb(step) ORDER BY step.number)
                    FROM vigil.checklist(a.id) step), '[]'))::text
            FROM vigil.anomaly($1) detail JOIN vigil.anomalies a ON a.id = detail.id
            """, [.uuid(id)])
    }

    /// Anomalies that were found, seen again, closed or decided about since a moment, each as a JSON
    /// object in the order of what happened.
    package static func movements(
        sinceSecondsAgo seconds: Double, on connection: PostgresConnection
    ) async throws(PostgresError) -> [String] {
        let answer = try await connection.ask(
            """
            SELECT (\(listed))::text
            FROM (
                SELECT id FROM vigil.anomalies
                WHERE last_detected >= now() - $1 * interval '1 second'
                UNION SELECT id FROM vigil.anomalies
                WHERE NOT is_active
                    AND coalesce(resolved_at, last_detected) >= now() - $1 * interval '1 second'
                UNION SELECT object_id::uuid FROM vigil.audit_log
                WHERE object_kind = 'anomaly' AND at >= now() - $1 * interval '1 second'
            ) moved JOIN vigil.anomalies a ON a.id = moved.id
            CROSS JOIN LATERAL (SELECT
                vigil.name_subject(a.entity_id, a.relationship_id, a.subject_kind, a.subject_id,
                    a.subject_type, a.subject_name, 40) AS subject,
                vigil.anomaly_state(a.is_active, a.resolved_at, a.suppressed_until, a.reviewed)
                    AS state,
                vigil.format_age(a.last_detected) AS age) line
            ORDER BY greatest(a.last_detected, a.resolved_at, a.reviewed_at), a.id
            """, [.double(seconds)])
        var rows: [String] = []
        for row in 0..<answer.rowCount {
            rows.append(try answer.string(row: row, column: 0))
        }
        return rows
    }
}
