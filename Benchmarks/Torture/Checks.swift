/// What must hold when the writers are still and the feed has come to rest; each check is a query whose
/// rows are what is wrong.
struct Check: Sendable {
    var name: String
    var query: String

    init(_ name: String, _ query: String) {
        self.name = name
        self.query = query
    }

    /// All checks but that of the number of changes.
    static let all = [
        graph, entitiesScoredAfterChanges, relationshipsScoredAfterChanges, models, orphans,
        duplicates, openAnomalies, occurrences, anomalyCounts, audit, keptMetrics, memory, feed,
    ]

    /// Degree, triangles, clustering, rows, strength and the row's own values, by SQL alone from the
    /// tables, beside what the sidecar has stored of the graph in its memory.
    static let graph = Check(
        "the stored graph is that of the tables",
        """
        WITH ends AS (
            SELECT source_entity_id AS id, target_entity_id AS other, weight FROM vigil.relationships
            WHERE is_active
            UNION ALL
            SELECT target_entity_id, source_entity_id, weight FROM vigil.relationships WHERE is_active
        ), pairs AS MATERIALIZED (SELECT DISTINCT id, other FROM ends WHERE id <> other
        ), degrees AS (SELECT id, count(*) AS degree FROM pairs GROUP BY id
        ), rows AS (SELECT id, count(*) AS row_count, sum(weight) AS strength FROM ends GROUP BY id
        ), triangles AS (
            SELECT a.id, count(*) / 2 AS triangles
            FROM pairs a JOIN pairs b ON b.id = a.other
            JOIN pairs c ON c.id = b.other AND c.other = a.id
            GROUP BY a.id
        ), truth AS (
            SELECT e.id, coalesce(degree, 0) AS degree, coalesce(triangles, 0) AS triangles,
                coalesce(row_count, 0) AS row_count, strength, e.confidence, e.risk_score,
                cardinality(e.sources) AS sources, cardinality(e.tags) AS tags
            FROM vigil.entities e LEFT JOIN degrees USING (id) LEFT JOIN triangles USING (id)
                LEFT JOIN rows USING (id)
            WHERE e.is_active
        )
        SELECT format('entity %s: degree %s for %s, triangles %s for %s, rows %s for %s, strength %s for %s, confidence %s for %s, risk %s for %s',
            coalesce(t.id, s.entity_id), m.degree, t.degree, m.triangle_count, t.triangles,
            s.features[13], t.row_count, m.strength, t.strength, s.features[8], t.confidence,
            s.features[9], t.risk_score)
        FROM truth t
            FULL JOIN (SELECT s.* FROM vigil.entity_scores s JOIN vigil.entities e ON e.id = s.entity_id
                WHERE e.is_active) AS s ON s.entity_id = t.id
            LEFT JOIN vigil.entity_metrics m ON m.entity_id = t.id
        WHERE t.id IS NULL OR s.entity_id IS NULL OR m.entity_id IS NULL
            OR m.degree <> t.degree OR m.triangle_count <> t.triangles
            OR abs(s.features[5] - CASE WHEN t.degree < 2 THEN 0
                ELSE 2.0 * t.triangles / (t.degree * (t.degree - 1)) END) > 1e-9
            OR s.features[13] <> t.row_count
            OR abs(coalesce(m.strength, -1) - coalesce(t.strength, -1)) > 1e-6
            OR s.features[8] IS DISTINCT FROM coalesce(t.confidence, 'NaN')
            OR s.features[9] IS DISTINCT FROM coalesce(t.risk_score, 'NaN')
        """)

    /// By the time of the COMMIT, which PostgreSQL has kept, and not by the rows' own clocks.
    static let entitiesScoredAfterChanges = Check(
        "every active entity has been scored after its last change was committed",
        """
        WITH changes AS (
            SELECT id, pg_xact_commit_timestamp(inserted_xid::xid) AS at FROM vigil.entities
            UNION ALL
            SELECT subject_id, pg_xact_commit_timestamp(recorded_xid::xid)
            FROM vigil.observation_history WHERE kind = 'e'
            UNION ALL
            SELECT unnest(ARRAY[source_entity_id, target_entity_id]),
                pg_xact_commit_timestamp(inserted_xid::xid) FROM vigil.relationships
            UNION ALL
            SELECT unnest(ARRAY[r.source_entity_id, r.target_entity_id]),
                pg_xact_commit_timestamp(h.recorded_xid::xid)
            FROM vigil.observation_history h JOIN vigil.relationships r ON r.id = h.subject_id
            WHERE h.kind = 'r' AND h.operation = 'U'
            UNION ALL
            SELECT unnest(ARRAY[source_entity_id, target_entity_id]),
                pg_xact_commit_timestamp(recorded_xid::xid)
            FROM vigil.observation_history WHERE kind = 'r' AND operation = 'D'
        ), last AS (SELECT id, max(at) AS at FROM changes GROUP BY id)
        SELECT format('entity %s changed at %s, scored at %s', e.id, last.at, s.scored_at)
        FROM vigil.entities e JOIN last USING (id)
            LEFT JOIN vigil.entity_scores s ON s.entity_id = e.id
        WHERE e.is_active AND (s.scored_at IS NULL OR s.scored_at < last.at)
        """)

    static let relationshipsScoredAfterChanges = Check(
        "every active relationship has been scored after its last change was committed",
        """
        WITH changes AS (
            SELECT id, pg_xact_commit_timestamp(inserted_xid::xid) AS at FROM vigil.relationships
            UNION ALL
            SELECT subject_id, pg_xact_commit_timestamp(recorded_xid::xid)
            FROM vigil.observation_history WHERE kind = 'r'
        ), last AS (SELECT id, max(at) AS at FROM changes GROUP BY id)
        SELECT format('relationship %s changed at %s, scored at %s', r.id, last.at, s.scored_at)
        FROM vigil.relationships r JOIN last USING (id)
            LEFT JOIN vigil.relationship_scores s ON s.relationship_id = r.id
        WHERE r.is_active AND (s.scored_at IS NULL OR s.scored_at < last.at)
        """)

    static let models = Check(
        "every score is of the active model",
        """
        WITH active AS (
            SELECT (SELECT version FROM vigil.models WHERE state = 'active' AND kind = 'ensemble') AS version
        )
        SELECT format('entity %s is scored by %s', entity_id, coalesce(s.model_version, 'rules'))
        FROM vigil.entity_scores s JOIN vigil.entities e ON e.id = s.entity_id, active
        WHERE e.is_active AND split_part(s.model_version, '+', 1) IS DISTINCT FROM active.version
        UNION ALL
        SELECT format('relationship %s from %s is scored by %s', relationship_id, r.source_entity_id,
            coalesce(s.model_version, 'rules'))
        FROM vigil.relationship_scores s JOIN vigil.relationships r ON r.id = s.relationship_id, active
        WHERE r.is_active AND split_part(s.model_version, '+', 1) IS DISTINCT FROM active.version
        """)

    static let orphans = Check(
        "nothing is left of what is gone",
        """
        SELECT format('score of entity %s', entity_id) FROM vigil.entity_scores s
        WHERE NOT EXISTS (SELECT FROM vigil.entities e WHERE e.id = s.entity_id)
        UNION ALL
        SELECT format('metrics of entity %s', entity_id) FROM vigil.entity_metrics s
        WHERE NOT EXISTS (SELECT FROM vigil.entities e WHERE e.id = s.entity_id)
        UNION ALL
        SELECT format('score of relationship %s', relationship_id) FROM vigil.relationship_scores s
        WHERE NOT EXISTS (SELECT FROM vigil.relationships r WHERE r.id = s.relationship_id)
        UNION ALL
        SELECT format('open anomaly %s of %s %s', a.id, a.subject_kind, a.subject_id)
        FROM vigil.anomalies a WHERE a.is_active AND NOT CASE a.subject_kind
            WHEN 'entity' THEN EXISTS (SELECT FROM vigil.entities e WHERE e.id = a.subject_id)
            ELSE EXISTS (SELECT FROM vigil.relationships r WHERE r.id = a.subject_id) END
        """)

    static let duplicates = Check(
        "no subject has two open anomalies of a type",
        """
        SELECT format('%s %s: %s open anomalies of type %s', subject_kind, subject_id, count(*), anomaly_type)
        FROM vigil.anomalies WHERE is_active
        GROUP BY subject_kind, subject_id, anomaly_type HAVING count(*) > 1
        """)

    static let openAnomalies = Check(
        "an anomaly is open exactly where the newest score reaches the threshold",
        """
        WITH newest AS (
            SELECT 'entity' AS kind, s.entity_id AS id, s.anomaly_score AS score
            FROM vigil.entity_scores s JOIN vigil.entities e ON e.id = s.entity_id AND e.is_active
            UNION ALL
            SELECT 'relationship', s.relationship_id, s.anomaly_score
            FROM vigil.relationship_scores s
            JOIN vigil.relationships r ON r.id = s.relationship_id AND r.is_active
        ), open AS (
            SELECT DISTINCT subject_kind AS kind, subject_id AS id FROM vigil.anomalies WHERE is_active
        )
        SELECT format('%s %s: score %s, %s', kind, id, newest.score,
            CASE WHEN open.id IS NULL THEN 'no open anomaly' ELSE 'open anomaly' END)
        FROM newest FULL JOIN open USING (kind, id)
        WHERE (coalesce(newest.score, -1) >= vigil.current_threshold()) <> (open.id IS NOT NULL)
        """)

    static let occurrences = Check(
        "times, scores and occurrences of anomalies agree",
        """
        SELECT format('anomaly %s: %s occurrences from %s to %s, score %s, peak %s', id, occurrences,
            first_detected, last_detected, anomaly_score, peak_score)
        FROM vigil.anomalies
        WHERE last_detected < first_detected OR occurrences < 1
            OR (occurrences = 1) <> (last_detected = first_detected) AND reopened = 0
            OR is_active AND resolved_at IS NOT NULL OR NOT is_active AND resolved_at IS NULL
        """)

    static let anomalyCounts = Check(
        "the counts of anomalies are those of the anomalies",
        """
        WITH counted AS (
            SELECT (first_detected AT TIME ZONE 'UTC')::date AS day, 'found' AS measure, severity, anomaly_type
            FROM vigil.anomalies
            UNION ALL
            SELECT (resolved_at AT TIME ZONE 'UTC')::date, 'closed', severity, anomaly_type
            FROM vigil.anomalies WHERE resolved_at IS NOT NULL
            UNION ALL
            SELECT (reviewed_at AT TIME ZONE 'UTC')::date, verdict, severity, anomaly_type
            FROM vigil.anomalies WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
        ), truth AS (SELECT day, measure, severity, anomaly_type, count(*) AS number FROM counted GROUP BY 1, 2, 3, 4
        ), kept AS (
            SELECT day, measure, severity, anomaly_type, sum(difference) AS number
            FROM vigil.anomaly_counts GROUP BY 1, 2, 3, 4 HAVING sum(difference) <> 0
        )
        SELECT format('%s %s %s %s: %s counted, %s kept', day, measure, severity, anomaly_type,
            truth.number, kept.number)
        FROM truth FULL JOIN kept USING (day, measure, severity, anomaly_type)
        WHERE truth.number IS DISTINCT FROM kept.number
        """)

    static let audit = Check(
        "the audit log verifies",
        """
        SELECT format('%s %s %s', finding, seq, detail) FROM vigil.verify_audit()
        WHERE finding <> 'intact'
        """)

    static let keptMetrics = Check(
        "no kept metric was found wrong",
        "SELECT format('%s: %s', metric, note) FROM vigil.metric_health WHERE method = 'recomputed'"
    )

    /// The sidecar's own comparison of its memory with all rows.
    static let memory = Check(
        "the audit of memory has found nothing",
        """
        SELECT to_jsonb(m)::text FROM vigil.memory_health m
        WHERE found > 0 OR reloads > 0 OR memory_hash IS DISTINCT FROM table_hash
        """)

    static let feed = Check(
        "the feed is healthy",
        """
        SELECT to_jsonb(f)::text FROM vigil.feed_health f
        WHERE lag_rows IS DISTINCT FROM 0 OR NOT sidecar_alive OR epoch <> epoch_seen
        """)
}
