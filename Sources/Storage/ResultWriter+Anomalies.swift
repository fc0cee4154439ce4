import AnomalyDetection
import AnomalyModels
import PostgresClient

extension ResultWriter {
    /// Resolves the open anomalies of those that are normal again, and answers with the subjects of
    /// those that somebody holds in an open transaction: they stay open.
    static func resolve(_ results: BatchResults) -> [Statement] {
        // One kind at a time: so each goes by the index.
        [
            ("entity", results.calmed.compactMap(\.entityID)),
            ("relationship", results.calmed.compactMap(\.relationshipID)),
        ].filter { !$0.1.isEmpty }.map { kind, ids in
            Statement(
                """
                WITH free AS MATERIALIZED (
                    SELECT id FROM vigil.anomalies
                    WHERE subject_kind = $1 AND subject_id = ANY ($2) AND is_active
                    FOR NO KEY UPDATE SKIP LOCKED
                ), resolved AS (
                    UPDATE vigil.anomalies a
                    SET is_active = false, resolved_at = $3, updated_at = $3,
                        resolved_by_itself = true,
                        resolution = 'its score fell below the threshold by itself'
                    FROM free WHERE a.id = free.id
                )
                SELECT DISTINCT a.subject_kind = 'entity', a.subject_id FROM vigil.anomalies a
                WHERE a.subject_kind = $1 AND a.subject_id = ANY ($2) AND a.is_active
                    AND a.id NOT IN (SELECT id FROM free)
                """,
                [.text(kind), .int64Array(ids), .timestampSeconds(results.asOf)])
        }
    }

    /// The columns that a detection writes into a row that is there, from `found f`.
    private static let detected = """
        all_types = f.all_types::text[], anomaly_score = f.score,
        peak_score = greatest(a.peak_score, f.score), p_value = nullif(f.p, 'NaN'),
        confidence = f.confidence, severity = f.severity, explanation = f.explanation::jsonb,
        detection_method = f.method, indicators = f.indicators::text[],
        description = f.description, recommendations = f.recommendations,
        model_version = f.version, graph_epoch = f.epoch, subgraph = f.subgraph::jsonb,
        last_detected = $17, updated_at = $17,
        occurrences = a.occurrences + (a.last_detected <> $17)::int
        """

    private static let plain = (name: "label", source: "first", target: "second")
    private static let inJSON = (name: "j_label", source: "j_first", target: "j_second")

    /// A text with the names of the subject and of its ends at their places.
    private static func filled(
        _ text: String, _ names: (name: String, source: String, target: String)
    ) -> String {
        """
        replace(replace(replace(\(text), '{name}', \(names.name)), '{source}', \(names.source)), \
        '{target}', \(names.target))
        """
    }

    /// A text as it stands between the quotes of a JSON string.
    private static func inside(_ text: String) -> String {
        "substr(to_json(\(text))::text, 2, length(to_json(\(text))::text) - 2)"
    }

    /// Opens an anomaly, or updates the open one of the same subject and type, or opens again the one
    /// that was resolved by itself not long ago.
    ///
    /// A deleted subject has none: the join leaves it out. An entity is locked until COMMIT, and so are
    /// the subject's open anomalies; it is left out where that is not possible at once: nobody waits for
    /// somebody's open transaction. Of a relationship that vanishes meanwhile, the feed tells.
    static func anomalies(_ findings: [Judgement], _ results: BatchResults) -> Statement {
        func texts(_ value: (Judgement, AnomalyFinding) -> String) -> PostgresParameter {
            .textArray(findings.map { judgement in judgement.anomaly.map { value(judgement, $0) } })
        }
        return Statement(
            """
            WITH asked AS (
                SELECT * FROM unnest($1::boolean[], $2::bigint[], $3::text[], $4::text[],
                    $5::float8[], $6::float8[], $7::float8[], $8::text[], $9::text[], $10::text[],
                    $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[])
                    WITH ORDINALITY AS u (is_entity, id, anomaly_type, all_types, score, p,
                        confidence, severity, explanation, method, indicators, template, advice,
                        version, epoch, subgraph, place)
            ), free AS MATERIALIZED (
                SELECT a.id FROM asked g JOIN vigil.anomalies a
                    ON a.subject_kind = CASE WHEN g.is_entity THEN 'entity' ELSE 'relationship' END
                    AND a.subject_id = g.id AND a.is_active
                FOR NO KEY UPDATE OF a SKIP LOCKED
            ), given AS MATERIALIZED (
                SELECT * FROM asked g WHERE NOT EXISTS (
                    SELECT FROM vigil.anomalies a
                    WHERE a.subject_kind =
                            CASE WHEN g.is_entity THEN 'entity' ELSE 'relationship' END
                        AND a.subject_id = g.id AND a.is_active
                        AND a.id NOT IN (SELECT id FROM free))
            ), entity AS (
                SELECT g.*, 'entity' AS kind, e.type AS subject_type,
                    coalesce(nullif(e.name, ''), e.value, e.type || ' ' || e.id) AS label,
                    NULL AS source, NULL AS target
                FROM given g JOIN vigil.entities e ON e.id = g.id
                WHERE g.is_entity
                ORDER BY g.id
                FOR KEY SHARE OF e SKIP LOCKED
            ), relationship AS (
                SELECT g.*, 'relationship' AS kind, r.type AS subject_type,
                    coalesce(nullif(s.name, ''), s.value, s.type || ' ' || s.id) AS source,
                    coalesce(nullif(t.name, ''), t.value, t.type || ' ' || t.id) AS target
                FROM given g JOIN vigil.relationships r ON r.id = g.id
                JOIN vigil.entities s ON s.id = r.source_entity_id
                JOIN vigil.entities t ON t.id = r.target_entity_id
                WHERE NOT g.is_entity
            ), named AS (
                SELECT * FROM entity
                UNION ALL
                SELECT is_entity, id, anomaly_type, all_types, score, p, confidence, severity,
                    explanation, method, indicators, template, advice, version, epoch, subgraph,
                    place, kind, subject_type, source || ' -> ' || target, source, target
                FROM relationship
            ), quoted AS (
                -- inside a document a name is written as JSON writes it
                SELECT n.*, coalesce(source, label) AS first, coalesce(target, label) AS second,
                    \(inside("label")) AS j_label,
                    \(inside("coalesce(source, label)")) AS j_first,
                    \(inside("coalesce(target, label)")) AS j_second
                FROM named n
            ), found AS MATERIALIZED (
                SELECT is_entity, id, place, kind, anomaly_type, all_types, score, p, confidence,
                    severity, method, indicators, version, epoch, subject_type, label,
                    \(filled("template", plain)) AS description,
                    (SELECT coalesce(array_agg(\(filled("line", plain)) ORDER BY i), '{}')
                     FROM jsonb_array_elements_text(advice::jsonb) WITH ORDINALITY AS x (line, i))
                        AS recommendations,
                    \(filled("explanation", inJSON)) AS explanation,
                    \(filled("subgraph", inJSON)) AS subgraph
                FROM quoted
            ), closed AS MATERIALIZED (
                -- the newest that was resolved by itself, where none is open
                SELECT f.place, (
                    SELECT a.id FROM vigil.anomalies a
                    WHERE a.subject_kind = f.kind AND a.subject_id = f.id
                        AND a.anomaly_type = f.anomaly_type AND NOT a.is_active
                        AND a.resolved_by_itself AND a.resolved_at >= $18
                        AND coalesce(a.entity_id, a.relationship_id) IS NOT NULL
                    ORDER BY a.last_detected DESC LIMIT 1) AS anomaly_id
                FROM found f
                WHERE NOT EXISTS (
                    SELECT FROM vigil.anomalies a
                    WHERE a.subject_kind = f.kind AND a.subject_id = f.id
                        AND a.anomaly_type = f.anomaly_type AND a.is_active)
            ), reopened AS (
                UPDATE vigil.anomalies a
                SET is_active = true, \(detected)
                FROM found f JOIN closed c ON c.place = f.place
                WHERE a.id = c.anomaly_id AND NOT a.is_active
                RETURNING a.id, a.subject_kind, a.subject_id,
                    coalesce(a.suppressed_until <= now(), true) AS is_new
            ), written AS (
                INSERT INTO vigil.anomalies AS a (
                    subject_kind, subject_id, subject_type, subject_name, entity_id,
                    relationship_id, anomaly_type, all_types, anomaly_score, peak_score, p_value,
                    confidence, severity, explanation, detection_method, indicators, description,
                    recommendations, model_version, graph_epoch, subgraph, first_detected,
                    last_detected)
                SELECT kind, id, subject_type, label, CASE WHEN is_entity THEN id END,
                    CASE WHEN NOT is_entity THEN id END, anomaly_type, all_types::text[], score,
                    score, nullif(p, 'NaN'), confidence, severity, explanation::jsonb, method,
                    indicators::text[], description, recommendations, version, epoch,
                    subgraph::jsonb, $17, $17
                FROM found
                WHERE place NOT IN (SELECT place FROM closed WHERE anomaly_id IS NOT NULL)
                ORDER BY place
                ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active
                DO UPDATE SET
                    all_types = excluded.all_types, anomaly_score = excluded.anomaly_score,
                    peak_score = greatest(a.peak_score, excluded.anomaly_score),
                    p_value = excluded.p_value, confidence = excluded.confidence,
                    severity = excluded.severity, explanation = excluded.explanation,
                    detection_method = excluded.detection_method,
                    indicators = excluded.indicators, description = excluded.description,
                    recommendations = excluded.recommendations,
                    model_version = excluded.model_version, graph_epoch = excluded.graph_epoch,
                    subgraph = excluded.subgraph, last_detected = excluded.last_detected,
                    updated_at = excluded.last_detected,
                    occurrences = a.occurrences
                        + (a.last_detected <> excluded.last_detected)::int
                -- a suppressed one is recorded, and announced to nobody
                RETURNING id, subject_kind, subject_id,
                    (xmax = 0) AND coalesce(a.suppressed_until <= now(), true) AS is_new
            ), replaced AS (
                -- the same subject's open anomalies of another type: the evidence has moved on
                UPDATE vigil.anomalies a
                SET is_active = false, resolved_at = $17, updated_at = $17,
                    resolved_by_itself = true,
                    resolution = 'the evidence now speaks for another type: ' || f.anomaly_type
                FROM found f
                WHERE a.subject_kind = f.kind AND a.subject_id = f.id AND a.is_active
                    AND a.anomaly_type <> f.anomaly_type
                    AND a.anomaly_type <> ALL (f.all_types::text[])
            )
            SELECT subject_kind = 'entity', subject_id, is_new, id::text,
                -- The result counts more than the news of it: a full queue must not stop the feed.
                CASE WHEN is_new AND pg_notification_queue_usage() < 0.9
                    THEN pg_notify('vigil_anomalies', id::text) END
            FROM (SELECT * FROM written UNION ALL SELECT * FROM reopened) AS stored
            """,
            [
                .boolArray(findings.map { $0.subject.entityID != nil }),
                .int64Array(findings.map(\.subject.id)), texts { $1.primaryType.rawValue },
                texts { arrayLiteral($1.allTypes.map(\.rawValue)) },
                .doubleArray(findings.map(\.anomalyScore)), .doubleArray(findings.map(\.pValue)),
                .doubleArray(findings.map(\.confidence)),
                texts { judgement, _ in judgement.severity.rawValue },
                texts { JudgementJSON.explanation($1.explanation) },
                texts { judgement, _ in judgement.detectionMethod },
                texts { arrayLiteral($1.indicators.map(\.name)) }, texts { $1.description },
                texts { JudgementJSON.texts($1.recommendations) },
                .textArray(findings.map(\.modelVersion)),
                .int64Array(findings.map(\.graphEpoch)),
                .textArray(findings.map { results.subgraphs[$0.subject] }),
                .timestampSeconds(results.asOf), .timestampSeconds(results.reopensSince),
            ])
    }
}
