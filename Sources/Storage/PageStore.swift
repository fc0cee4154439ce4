package import PostgresClient

/// What the page shows: one statement a page, each with one JSON document as its answer.
///
/// They run with the rights of whoever looks at the page.
package enum PageStore {
    /// What a list of anomalies is narrowed down by; nil and empty: by nothing.
    package struct Filter: Sendable, Equatable {
        package var subject = ""
        package var severity = ""
        package var type = ""
        package var state = "open"
        package var verdict = ""
        package var assignedTo = ""
        package var order = "score"
        package var after = ""

        package init() {}
    }

    /// Lines on a page.
    package static let pageSize = 50

    /// Type and name of the subject of the row `anomaly`.
    private static let subject = """
        vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind,
            anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 120)
        """

    /// A page of anomalies: `lines`, and `next`, the cursor of the page after it.
    package static func anomalies(_ filter: Filter) -> Statement {
        Statement(
            """
            WITH page AS MATERIALIZED (
                SELECT line.*
                FROM vigil.list_anomalies(
                    severity => $1, type => $2, state => $3, verdict => $4, subject => $5,
                    assigned_to => $6, order_by => $7, after => $8,
                    page_size => \(pageSize + 1)) WITH ORDINALITY AS line (
                    id, severity, score, type, subject, state, age, position)
            )
            SELECT json_build_object(
                'lines', coalesce((
                    SELECT json_agg(json_build_object(
                        'id', page.id, 'severity', page.severity, 'score', page.score::text,
                        'type', replace(page.type, '_', ' '), 'subject', \(subject),
                        'state', page.state, 'age', page.age, 'description', anomaly.description,
                        'assigned_to', anomaly.assigned_to,
                        'verdict', replace(anomaly.verdict, '_', ' '),
                        'detected', anomaly.last_detected) ORDER BY page.position)
                    FROM page JOIN vigil.anomalies AS anomaly USING (id)
                    WHERE page.position <= \(pageSize)), '[]'),
                'next', (
                    SELECT vigil.anomaly_cursor(page.id, $7) FROM page
                    WHERE page.position = \(pageSize)
                        AND EXISTS (SELECT FROM page WHERE position > \(pageSize))))::text
            """,
            [
                text(filter.severity), text(filter.type), .text(filter.state),
                text(filter.verdict), text(filter.subject), text(filter.assignedTo),
                .text(filter.order), text(filter.after),
            ])
    }

    /// The steps of the playbook of an anomaly, and how far they were taken.
    package static func checklist(_ id: String) -> Statement {
        Statement(
            """
            SELECT coalesce(jsonb_agg(to_jsonb(line) || jsonb_build_object(
                'when', vigil.format_age(line.done_at) || ' ago',
                'starts', nullif(concat_ws(' and ', 'the task ' || replace(line.task, '_', ' '),
                    'the webhook ' || line.webhook), '')) ORDER BY line.number), '[]')::text
            FROM vigil.checklist($1) AS line
            """, [.uuid(id)])
    }

    /// Everything about one anomaly; no row where there is none.
    package static func anomaly(_ id: String) -> Statement {
        Statement(
            """
            SELECT json_build_object(
                'id', anomaly.id, 'severity', anomaly.severity,
                'score', round(anomaly.anomaly_score::numeric, 2)::text,
                'peak', round(anomaly.peak_score::numeric, 2)::text,
                'confidence', round(anomaly.confidence::numeric, 2)::text,
                'type', replace(anomaly.anomaly_type, '_', ' '),
                'subject_kind', anomaly.subject_kind, 'subject_id', anomaly.subject_id,
                'subject_type', anomaly.subject_type, 'entity', anomaly.entity_id,
                'subject_name', coalesce(nullif(coalesce(entity.name, entity.value), ''),
                    nullif(anomaly.subject_name, ''), 'without a name'),
                'source', (
                    SELECT json_build_object(
                        'id', e.id, 'name', coalesce(e.name, e.value, e.id::text))
                    FROM vigil.entities AS e WHERE e.id = relationship.source_entity_id),
                'target', (
                    SELECT json_build_object(
                        'id', e.id, 'name', coalesce(e.name, e.value, e.id::text))
                    FROM vigil.entities AS e WHERE e.id = relationship.target_entity_id),
                'description', anomaly.description, 'recommendations', anomaly.recommendations,
                'state', vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at,
                    anomaly.suppressed_until, anomaly.reviewed),
                'first_at', anomaly.first_detected,
                'first', vigil.format_age(anomaly.first_detected) || ' ago',
                'last_at', anomaly.last_detected,
                'last', vigil.format_age(anomaly.last_detected) || ' ago',
                'occurrences', CASE anomaly.occurrences WHEN 1 THEN 'seen once'
                    ELSE 'seen ' || anomaly.occurrences || ' times' END,
                'incident', coalesce(incident.merged_into, incident.id),
                'verdict', replace(anomaly.verdict, '_', ' '),
                'reviewed_by', anomaly.reviewed_by,
                'reviewed', vigil.format_age(anomaly.reviewed_at) || ' ago',
                'notes', anomaly.review_notes, 'assigned_to', anomaly.assigned_to,
                'method', anomaly.detection_method, 'model', anomaly.model_version,
                'epoch', anomaly.graph_epoch, 'explanation', anomaly.explanation,
                'others', (
                    SELECT json_object_agg(e.id, coalesce(e.name, e.value, e.id::text))
                    FROM vigil.entities AS e
                    WHERE e.id IN (
                        SELECT (item ->> 'other_entity_id')::bigint
                        FROM jsonb_path_query(anomaly.explanation,
                            'lax $.evidence[*] ? (@.other_entity_id.type() == "number")') AS item)),
                'history', (
                    SELECT json_agg(json_build_object(
                        'at', event.at, 'when', vigil.format_age(event.at) || ' ago',
                        'what', event.what, 'who', event.who, 'notes', event.notes)
                        ORDER BY event.at, event.rank)
                    FROM (
                        SELECT anomaly.first_detected AS at, 0 AS rank, 'detected' AS what,
                            NULL AS who, NULL AS notes
                        UNION ALL
                        SELECT anomaly.reopened_at, 1, 'its cause returned', NULL, NULL
                        WHERE anomaly.reopened_at IS NOT NULL
                        UNION ALL
                        SELECT review.reviewed_at, 2,
                            'reviewed: ' || replace(review.verdict, '_', ' '),
                            review.reviewed_by, review.notes
                        FROM vigil.reviews AS review WHERE review.anomaly_id = anomaly.id
                        UNION ALL
                        SELECT review.undone_at, 3, 'review undone', review.undone_by, NULL
                        FROM vigil.reviews AS review
                        WHERE review.anomaly_id = anomaly.id AND review.undone_at IS NOT NULL
                        UNION ALL
                        SELECT review.lapsed_at, 4, 'the review lapsed', NULL, NULL
                        FROM vigil.reviews AS review
                        WHERE review.anomaly_id = anomaly.id AND review.lapsed_at IS NOT NULL
                        UNION ALL
                        SELECT anomaly.last_detected, 5, 'last detected', NULL, NULL
                        WHERE anomaly.last_detected > anomaly.first_detected
                        UNION ALL
                        SELECT anomaly.resolved_at, 6, 'closed', NULL, anomaly.resolution
                        WHERE anomaly.resolved_at IS NOT NULL) AS event))::text
            FROM vigil.anomalies AS anomaly
            LEFT JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id
            LEFT JOIN vigil.relationships AS relationship
                ON relationship.id = anomaly.relationship_id
            LEFT JOIN vigil.incidents AS incident ON incident.id = anomaly.incident_id
            WHERE anomaly.id = $1
            """, [.uuid(id)])
    }

    /// Values of an entity's peers: for each feature (counted from 1) those at equal steps of their share.
    ///
    /// Of a large graph a sample of the table's pages is read, always the same one.
    package static func peers(ofType type: String, features: [Int]) -> Statement {
        Statement(
            """
            WITH sample AS MATERIALIZED (
                SELECT score.features
                FROM vigil.entity_scores AS score TABLESAMPLE SYSTEM ((
                    SELECT least(100, 100.0 * 20000 / greatest(reltuples, 1))::real
                    FROM pg_class WHERE oid = 'vigil.entity_scores'::regclass)) REPEATABLE (1)
                JOIN vigil.entities AS entity ON entity.id = score.entity_id
                WHERE entity.type = $1 AND score.features IS NOT NULL
                LIMIT 5000
            )
            SELECT json_build_object(
                'count', (SELECT count(*) FROM sample),
                'features', (
                    SELECT json_object_agg(chosen.number, chosen.steps)
                    FROM (
                        SELECT wanted.number,
                            percentile_cont(ARRAY(
                                SELECT step / 50.0 FROM generate_series(0, 50) AS step))
                                WITHIN GROUP (ORDER BY sample.features[wanted.number]) AS steps
                        FROM unnest($2::integer[]) AS wanted (number), sample
                        WHERE sample.features[wanted.number] <> 'NaN'
                        GROUP BY wanted.number) AS chosen))::text
            """, [.text(type), .int32Array(features.map(Int32.init))])
    }

    /// A page of the open incidents.
    package static func incidents(limit: Int, offset: Int) -> Statement {
        Statement(
            """
            SELECT coalesce(json_agg(line), '[]')::text
            FROM (SELECT * FROM vigil.incidents_open LIMIT $1 OFFSET $2) AS line
            """, [.int64(Int64(limit)), .int64(Int64(offset))])
    }

    /// One incident with its anomalies.
    package static func incident(_ id: Int64) -> Statement {
        Statement(
            """
            SELECT json_build_object(
                'id', root.id, 'opened', vigil.format_age(incident.opened_at) || ' ago',
                'assigned_to', incident.assigned_to,
                'count', (
                    SELECT count(*) FROM vigil.anomalies AS a JOIN vigil.incidents AS i ON i.id = a.incident_id
                    WHERE root.id IN (i.id, i.merged_into)),
                'open', (
                    SELECT count(*) FROM vigil.anomalies AS a JOIN vigil.incidents AS i ON i.id = a.incident_id
                    WHERE root.id IN (i.id, i.merged_into) AND a.is_active),
                'lines', (
                    SELECT coalesce(json_agg(json_build_object(
                        'id', line.id, 'severity', line.severity, 'score', line.score::text,
                        'subject', \(subject), 'type', replace(line.type, '_', ' '),
                        'state', line.state, 'age', line.age,
                        'description', anomaly.description,
                        'verdict', replace(anomaly.verdict, '_', ' '))
                        ORDER BY line.position), '[]')
                    FROM vigil.incident_anomalies(root.id) WITH ORDINALITY AS line (
                        id, severity, score, type, subject, state, age, position)
                    JOIN vigil.anomalies AS anomaly USING (id)))::text
            FROM vigil.root_incident($1) AS root (id)
            JOIN vigil.incidents AS incident ON incident.id = root.id
            """, [.int64(id)])
    }

    /// Entities by the beginning of a name or value, or by id; without words the riskiest.
    package static func entities(_ words: String, limit: Int) -> Statement {
        Statement(
            """
            SELECT coalesce(json_agg(json_build_object(
                'id', found.id, 'name', coalesce(nullif(coalesce(found.name, found.value), ''), found.id::text),
                'type', found.type, 'score', round(score.anomaly_score::numeric, 2)::text,
                'severity', coalesce(score.severity, 'none'), 'degree', metrics.degree,
                'anomalies', (
                    SELECT count(*) FROM vigil.anomalies AS anomaly
                    WHERE anomaly.subject_kind = 'entity' AND anomaly.subject_id = found.id
                        AND anomaly.is_active)) ORDER BY found.position), '[]')::text
            FROM vigil.search_entities($1, $2) WITH ORDINALITY AS hit (id, position)
            JOIN LATERAL (SELECT entity.*, hit.position FROM vigil.entities AS entity
                WHERE entity.id = hit.id) AS found ON true
            LEFT JOIN vigil.entity_scores AS score ON score.entity_id = found.id
            LEFT JOIN vigil.entity_metrics AS metrics ON metrics.entity_id = found.id
            """, [.text(words), .int32(Int32(limit))])
    }

    /// Everything about one entity; no row where there is none.
    package static func entity(_ id: Int64) -> Statement {
        Statement(
            """
            SELECT json_build_object(
                'id', entity.id, 'type', entity.type,
                'name', coalesce(nullif(coalesce(entity.name, entity.value), ''), 'without a name'),
                'is_active', entity.is_active,
                'score', round(score.anomaly_score::numeric, 2)::text,
                'severity', coalesce(score.severity, 'none'),
                'scored', vigil.format_age(score.scored_at) || ' ago',
                'features', score.features,
                'facts', json_build_object(
                    'value', entity.value, 'risk', entity.risk_score,
                    'confidence', entity.confidence,
                    'source', entity.source, 'sources', array_to_string(entity.sources, ', '),
                    'verified', entity.is_verified, 'tags', array_to_string(entity.tags, ', '),
                    'description', entity.description, 'metadata', entity.metadata::text,
                    'first seen', entity.first_seen, 'last seen', entity.last_seen,
                    'created', entity.created_at, 'updated', entity.updated_at),
                'metrics', (
                    SELECT json_build_object(
                        'degree', m.degree, 'incoming relationships', m.incoming_relationships,
                        'outgoing relationships', m.outgoing_relationships,
                        'strength', m.strength, 'clustering coefficient', m.clustering_coefficient,
                        'triangles', m.triangle_count, 'core number', m.core_number,
                        'component', m.component_id, 'community', m.community_id,
                        'PageRank', m.pagerank, 'betweenness', m.betweenness_centrality,
                        'closeness', m.closeness_centrality,
                        'harmonic centrality', m.harmonic_centrality,
                        'eigenvector centrality', m.eigenvector_centrality,
                        'articulation point', m.is_articulation_point)
                    FROM vigil.entity_metrics AS m WHERE m.entity_id = entity.id),
                'anomalies', (
                    SELECT coalesce(json_agg(json_build_object(
                        'id', line.id, 'severity', line.severity, 'score', line.score::text,
                        'state', line.state, 'age', line.age,
                        'description', coalesce(nullif(anomaly.description, ''), line.subject))
                        ORDER BY line.position), '[]')
                    FROM vigil.entity_anomalies(entity.id, 50) WITH ORDINALITY AS line (
                        id, severity, score, type, subject, state, age, position)
                    JOIN vigil.anomalies AS anomaly USING (id)),
                'relationships', (
                    SELECT coalesce(json_agg(json_build_object(
                        'severity', nullif(s.severity, 'low'), 'type', replace(r.type, '_', ' '),
                        'direction', r.direction, 'other', r.other,
                        'other_name', coalesce(nullif(coalesce(o.name, o.value), ''), r.other::text),
                        'score', round(s.anomaly_score::numeric, 2)::text)
                        ORDER BY s.anomaly_score DESC NULLS LAST, r.id DESC), '[]')
                    FROM (
                        (SELECT id, type, '→' AS direction, target_entity_id AS other
                        FROM vigil.relationships WHERE source_entity_id = entity.id AND is_active
                        ORDER BY id DESC LIMIT 50)
                        UNION ALL
                        (SELECT id, type, '←', source_entity_id
                        FROM vigil.relationships WHERE target_entity_id = entity.id AND is_active
                        ORDER BY id DESC LIMIT 50)) AS r
                    JOIN vigil.entities AS o ON o.id = r.other
                    LEFT JOIN vigil.relationship_scores AS s ON s.relationship_id = r.id))::text
            FROM vigil.entities AS entity
            LEFT JOIN vigil.entity_scores AS score ON score.entity_id = entity.id
            WHERE entity.id = $1
            """, [.int64(id)])
    }

    /// Days and types.
    package static let statistics = Statement(
        """
        SELECT json_build_object(
            'days', (SELECT json_agg(line) FROM vigil.anomaly_stats(30) AS line),
            'types', (SELECT json_agg(line) FROM vigil.anomaly_summary AS line))::text
        """)

    /// Models, drift, what reviews taught, sidecars and tasks.
    package static let model = Statement(
        """
        SELECT json_build_object(
            'models', (SELECT coalesce(json_agg(line), '[]') FROM (
                SELECT * FROM vigil.model_status LIMIT 20) AS line),
            'drift', (
                SELECT json_build_object('summary', report.summary,
                    'checked', vigil.format_age(report.checked_at) || ' ago')
                FROM vigil.drift_reports AS report ORDER BY report.checked_at DESC, report.id DESC
                LIMIT 1),
            'findings', (SELECT coalesce(json_agg(line), '[]') FROM (
                SELECT * FROM vigil.drift_report LIMIT 60) AS line),
            'learning', (SELECT coalesce(json_agg(line), '[]') FROM vigil.review_learning AS line),
            'sidecars', (SELECT coalesce(json_agg(line), '[]') FROM (
                SELECT * FROM vigil.sidecar_status LIMIT 10) AS line),
            'tasks', (SELECT coalesce(json_agg(line), '[]') FROM (
                SELECT * FROM vigil.task_status LIMIT 20) AS line))::text
        """)

    private static func text(_ value: String) -> PostgresParameter {
        value.isEmpty ? .null : .text(value)
    }
}
