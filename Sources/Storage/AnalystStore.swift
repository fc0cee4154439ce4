package import PostgresClient

/// What the REST API asks and does: each a statement with one JSON document as its answer.
///
/// They run with the rights of whoever asks. No row, or null: there is none.
package enum AnalystStore {
    /// The newest verdict on one entity.
    package static func detect(_ entity: Int64, timeoutMilliseconds: Int32?) -> Statement {
        Statement(
            "SELECT to_json(vigil.detect_entity($1, $2))::text",
            [.int64(entity), timeoutMilliseconds.map { .int32($0) } ?? .null])
    }

    /// On how many entities one request may ask verdicts.
    package static let batchSizeMax = Statement(
        "SELECT vigil.get_setting('api_batch_max')::text", [])

    /// The newest verdicts on several entities.
    package static func detect(_ entities: [Int64], timeoutMilliseconds: Int32?) -> Statement {
        Statement(
            """
            SELECT json_build_object('detections', coalesce(json_agg(found), '[]'))::text
            FROM vigil.detect_batch($1, $2) AS found
            """,
            [.int64Array(entities), timeoutMilliseconds.map { .int32($0) } ?? .null])
    }

    /// The filter of a list of anomalies, as the API names its parts; nil: no condition.
    package struct Filter: Sendable {
        package var severity, type, state, verdict, subject, since, until, method: String?
        package var assignedTo, order, after: String?
        package var scoreMin, scoreMax: Double?
        package var incident, entity: Int64?
        package var limit: Int32 = 50

        package init() {}
    }

    /// A page of anomalies: `anomalies`, and `next`, what `after` must be for the page behind it.
    package static func anomalies(_ filter: Filter) -> Statement {
        Statement(
            """
            WITH page AS MATERIALIZED (
                SELECT line.id, line.position
                FROM vigil.list_anomalies(
                    severity => $1, type => $2, state => coalesce($3, 'open'), verdict => $4,
                    entity_id => $5, subject => $6, since => $7::timestamptz,
                    until => $8::timestamptz, score_min => $9, score_max => $10, method => $11,
                    incident_id => $12, assigned_to => $13, order_by => coalesce($14, 'score'),
                    after => $15, page_size => $16 + 1) WITH ORDINALITY AS line (
                    id, severity, score, type, subject, state, age, position)
            )
            SELECT json_build_object(
                'anomalies', coalesce((
                    SELECT json_agg(\(line) ORDER BY page.position)
                    FROM page JOIN vigil.anomalies AS anomaly USING (id)
                    WHERE page.position <= $16), '[]'),
                'next', (
                    SELECT vigil.anomaly_cursor(page.id, coalesce($14, 'score')) FROM page
                    WHERE page.position = $16
                        AND EXISTS (SELECT FROM page WHERE position > $16)))::text
            """,
            [
                .optional(filter.severity), .optional(filter.type), .optional(filter.state),
                .optional(filter.verdict), .optional(filter.entity), .optional(filter.subject),
                .optional(filter.since), .optional(filter.until),
                filter.scoreMin.map { .double($0) } ?? .null,
                filter.scoreMax.map { .double($0) } ?? .null,
                .optional(filter.method), .optional(filter.incident),
                .optional(filter.assignedTo), .optional(filter.order), .optional(filter.after),
                .int32(filter.limit),
            ])
    }

    /// One anomaly as JSON, without explanation and subgraph, of the row `anomaly`.
    private static let line = """
        json_build_object(
            'id', anomaly.id, 'severity', anomaly.severity, 'score', anomaly.anomaly_score,
            'peak_score', anomaly.peak_score, 'p_value', anomaly.p_value,
            'confidence', anomaly.confidence, 'type', anomaly.anomaly_type,
            'types', anomaly.all_types, 'subject_kind', anomaly.subject_kind,
            'subject_id', anomaly.subject_id, 'subject_type', anomaly.subject_type,
            'subject_name', anomaly.subject_name, 'description', anomaly.description,
            'indicators', anomaly.indicators, 'recommendations', anomaly.recommendations,
            'detection_method', anomaly.detection_method, 'model_version', anomaly.model_version,
            'state', vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at,
                anomaly.suppressed_until, anomaly.reviewed),
            'first_detected', anomaly.first_detected, 'last_detected', anomaly.last_detected,
            'occurrences', anomaly.occurrences, 'incident_id', anomaly.incident_id,
            'verdict', anomaly.verdict, 'reviewed_by', anomaly.reviewed_by,
            'reviewed_at', anomaly.reviewed_at, 'review_notes', anomaly.review_notes,
            'assigned_to', anomaly.assigned_to, 'resolved_at', anomaly.resolved_at,
            'resolution', anomaly.resolution)
        """

    /// One anomaly with its explanation.
    package static func anomaly(_ id: String) -> Statement {
        Statement(
            """
            SELECT (to_jsonb(\(line)) || jsonb_build_object('explanation', anomaly.explanation))::text
            FROM vigil.anomalies AS anomaly WHERE anomaly.id = $1
            """, [.uuid(id)])
    }

    /// Why it is one: the explanation, and the same as text.
    package static func explanation(_ id: String) -> Statement {
        Statement(
            """
            SELECT json_build_object('id', anomaly.id, 'text', vigil.explain_anomaly(anomaly.id),
                'explanation', anomaly.explanation)::text
            FROM vigil.anomalies AS anomaly WHERE anomaly.id = $1
            """, [.uuid(id)])
    }

    /// Reviews anomalies; the answer says how many.
    package static func review(_ ids: [String], verdict: String, notes: String?) -> Statement {
        Statement(
            "SELECT json_build_object('reviewed', vigil.review_anomalies($1, $2, $3))::text",
            [.uuidArray(ids), .text(verdict), .optional(notes)])
    }

    /// Takes the last review back; the answer is the verdict that holds again.
    package static func undoReview(_ id: String) -> Statement {
        Statement(
            "SELECT json_build_object('verdict', vigil.undo_review($1))::text", [.uuid(id)])
    }

    /// Gives anomalies to somebody; nil: to whoever asks; empty: to nobody.
    package static func assign(_ ids: [String], to assignee: String?) -> Statement {
        Statement(
            """
            SELECT json_build_object('assigned', vigil.assign_anomalies(
                $1, CASE WHEN $2::text IS NULL THEN vigil.acting_person() ELSE nullif($2, '') END))::text
            """, [.uuidArray(ids), .optional(assignee)])
    }

    /// Says that a step of an anomaly's checklist is done; the answer says how many are open.
    package static func tickStep(_ number: Int32, of id: String, note: String?) -> Statement {
        Statement(
            "SELECT json_build_object('open', vigil.tick_step($1, $2, $3))::text",
            [.uuid(id), .int32(number), .optional(note)])
    }

    /// Takes back that a step is done; the answer says how many are open.
    package static func untickStep(_ number: Int32, of id: String) -> Statement {
        Statement(
            "SELECT json_build_object('open', vigil.untick_step($1, $2))::text",
            [.uuid(id), .int32(number)])
    }

    /// Starts the task or webhook of a step; the answer has the task, if it files one.
    package static func startStep(_ number: Int32, of id: String) -> Statement {
        Statement(
            "SELECT json_build_object('task_id', vigil.start_step($1, $2))::text",
            [.uuid(id), .int32(number)])
    }

    /// Days and types.
    package static func statistics(days: Int32) -> Statement {
        Statement(
            """
            SELECT json_build_object(
                'days', (SELECT json_agg(to_jsonb(line) - 'trend') FROM vigil.anomaly_stats($1) AS line),
                'types', (SELECT json_agg(line) FROM vigil.anomaly_summary AS line))::text
            """, [.int32(days)])
    }

    /// Files a training.
    package static func retrain(seed: Int64, activate: Bool, challenge: Bool) -> Statement {
        Statement(
            """
            SELECT json_build_object('task_id', vigil.retrain(
                seed => $1, activate => $2, challenge => $3))::text
            """, [.int64(seed), .bool(activate), .bool(challenge)])
    }

    private static let task = """
        json_build_object('id', task.id, 'kind', task.kind, 'state', task.state,
            'progress', task.progress, 'result', task.result, 'error', task.error,
            'requested_by', task.requested_by, 'created_at', task.created_at,
            'started_at', task.started_at, 'finished_at', task.finished_at)
        """

    /// The newest tasks.
    package static func tasks(state: String?, limit: Int32) -> Statement {
        Statement(
            """
            SELECT json_build_object('tasks', coalesce(json_agg(\(task)), '[]'))::text
            FROM (SELECT * FROM vigil.tasks WHERE $1::text IS NULL OR state = $1
                ORDER BY id DESC LIMIT $2) AS task
            """, [.optional(state), .int32(limit)])
    }

    /// One task.
    package static func task(_ id: Int64) -> Statement {
        Statement(
            "SELECT \(task)::text FROM vigil.tasks AS task WHERE task.id = $1", [.int64(id)])
    }

    /// Cancels a task; the answer is its state.
    package static func cancelTask(_ id: Int64) -> Statement {
        Statement("SELECT json_build_object('state', vigil.cancel_task($1))::text", [.int64(id)])
    }

    /// Files a task anew.
    package static func retryTask(_ id: Int64) -> Statement {
        Statement("SELECT json_build_object('task_id', vigil.retry_task($1))::text", [.int64(id)])
    }

    /// The open incidents, the worst first.
    package static func incidents(limit: Int32) -> Statement {
        Statement(
            """
            SELECT json_build_object('incidents', coalesce(json_agg(line), '[]'))::text
            FROM (SELECT * FROM vigil.incidents_open LIMIT $1) AS line
            """, [.int32(limit)])
    }

    /// Reviews what is open of an incident; the answer says how many.
    package static func reviewIncident(
        _ id: Int64, verdict: String, notes: String?
    ) -> Statement {
        Statement(
            "SELECT json_build_object('reviewed', vigil.review_incident($1, $2, $3))::text",
            [.int64(id), .text(verdict), .optional(notes)])
    }

    /// Gives an incident with its anomalies to somebody.
    package static func assignIncident(_ id: Int64, to assignee: String?) -> Statement {
        Statement(
            """
            SELECT json_build_object('assigned', vigil.assign_incident(
                $1, CASE WHEN $2::text IS NULL THEN vigil.acting_person() ELSE nullif($2, '') END))::text
            """, [.int64(id), .optional(assignee)])
    }

    /// The suppressions in force.
    package static let suppressions = Statement(
        """
        SELECT json_build_object('suppressions', coalesce(json_agg(line ORDER BY line.id), '[]'))::text
        FROM vigil.suppressions AS line WHERE line.lifted_at IS NULL AND line.expires_at > now()
        """)

    /// Suppresses what will be found.
    package static func suppress(
        reason: String, entity: Int64?, relationship: Int64?, subjectType: String?, type: String?,
        indicator: String?, namePattern: String?, expiresInDays: Double?
    ) -> Statement {
        Statement(
            """
            SELECT json_build_object('suppression_id', vigil.suppress_anomalies(
                reason => $1, entity_id => $2, relationship_id => $3, subject_type => $4,
                anomaly_type => $5, indicator => $6, name_pattern => $7,
                expires_at => now() + coalesce($8, 30) * interval '1 day'))::text
            """,
            [
                .text(reason), .optional(entity), .optional(relationship), .optional(subjectType),
                .optional(type), .optional(indicator), .optional(namePattern),
                expiresInDays.map { .double($0) } ?? .null,
            ])
    }

    /// Ends a suppression.
    package static func liftSuppression(_ id: Int64) -> Statement {
        Statement(
            "SELECT json_build_object('lifted', vigil.lift_suppression($1))::text", [.int64(id)])
    }
}
