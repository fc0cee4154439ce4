# A database for measurements of what analysts wait for; to be sourced, in an installed database.
# $anomalies, $entities: how many. Anomalies of the last 30 days, ten to an incident, some reviewed or resolved.
fill_vigil() {
    echo "filling: $entities entities, $((2 * entities)) relationships, $anomalies anomalies" >&2
    psql -U owner -o /dev/null <<SQL
SELECT setseed(0.5);
INSERT INTO vigil.entities (type, name, value)
SELECT (ARRAY['domain', 'ip_address', 'person', 'company'])[1 + i % 4], 'name ' || i, 'value ' || i FROM generate_series(1, $entities) AS i;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
SELECT 1 + (random() * ($entities - 1))::bigint, 1 + (random() ^ 3 * ($entities - 1))::bigint, 'related_to' FROM generate_series(1, 2 * $entities);
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method)
SELECT id, random() / 2, 0.5, 'low', 'rules' FROM vigil.entities;
INSERT INTO vigil.entity_metrics (entity_id, degree, community_id) SELECT id, 2, id / 100 FROM vigil.entities;
INSERT INTO vigil.incidents (opened_at) SELECT now() FROM generate_series(1, $anomalies / 10);
-- As in a restore: rows are taken as they come. All of them within the last 30 days.
SET row_security = off;
INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, all_types, anomaly_score, peak_score,
    p_value, confidence, severity, description, explanation, detection_method, indicators, recommendations, incident_id, community_id,
    first_detected, last_detected, is_active, resolved_at, reviewed, verdict, reviewed_by, reviewed_at, assigned_to)
SELECT 'entity', 1 + i % $entities, 'domain', 'name ' || (1 + i % $entities), 1 + i % $entities,
    (ARRAY['behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic'])[1 + i / $entities % 6], '{behavioral}',
    score, score, 0.001, 0.7, CASE WHEN score >= 0.8 THEN 'critical' WHEN score >= 0.6 THEN 'high' ELSE 'medium' END,
    'It has far more relationships than its peers, most of them of the last hour.',
    '{"summary": "47 relationships; the 99th percentile of 12,310 domains is 9.", "sentences": ["It gained 40 relationships within an hour."]}',
    'isolation_forest', '{unusual_degree}', '{"Look at it."}', 1 + i / 10, (1 + i % $entities) / 100,
    now() - age, now() - age / 2, i % 5 > 0, CASE WHEN i % 5 = 0 THEN now() - age / 3 END,
    i % 10 = 1, CASE WHEN i % 10 = 1 THEN 'benign' END, CASE WHEN i % 10 = 1 THEN 'ann' END, CASE WHEN i % 10 = 1 THEN now() - age / 3 END,
    CASE WHEN i % 50 = 1 THEN 'ann' END
FROM (SELECT i, 0.5 + random() / 2 AS score, random() * interval '30 days' AS age FROM generate_series(0, $anomalies - 1) AS i) AS made;
RESET row_security;
SQL
    psql -c 'VACUUM ANALYZE' -c CHECKPOINT
}
