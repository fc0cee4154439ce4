SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'evil.example'), ('ip_address', E'198.51.100.7\n\u0007beep');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
    description, explanation, recommendations, detection_method, model_version, first_detected, last_detected, occurrences)
VALUES ('00000000-0000-0000-0000-000000000001', 'entity', 1, 'domain', 'evil.example', 1, 'behavioral', 0.7123, 0.8, 0.8, 'high',
    'Far more relationships than its peers.',
    '{"summary": "47 relationships; the 99th percentile of 12,310 domains is 9.",
      "sentences": ["It gained 40 relationships within an hour.", "Its metadata is empty."],
      "detectors": [{"name": "isolation_forest", "family": "structure", "p": 0.000021, "score": 0.71}, {"name": "peer_z", "family": "context", "p": 0.004, "score": null}],
      "features": [{"name": "relationship_count", "value": 47, "contribution": -1.25, "peer_median": 3, "peer_quantile": 0.9993},
                   {"name": "betweenness_centrality", "value": 0.0123456, "contribution": -0.4, "peer_median": 0.00001, "peer_quantile": 1}],
      "expected_path_length": 10.24, "path_length": 8.59,
      "indicators": [{"name": "unusual_degree", "type": "behavioral", "sentence": "Its degree is unusual for a domain.", "confidence": 0.9}],
      "evidence": [{"relationship_id": 12, "type": "resolves_to", "other_entity_id": 2, "reason": "new within the hour"}, {"relationship_id": 13, "other_entity_id": "99"}],
      "peer_group": {"type": "domain", "count": 12310}}',
    '{"Look at the registrations of evil.example.","Ask the registrar."}', 'ensemble', 'v1.0', '2026-01-01 10:00Z', '2026-01-02 11:30Z', 3);
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000001') \g (format=unaligned tuples_only=on)
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'true_positive', 'blocked');
UPDATE vigil.anomalies SET reviewed_at = '2026-01-03Z', reviewed_by = 'someone', is_active = false, resolved_at = now(), resolution = 'Dealt with.';
-- With little in it, or with anything in it, there is still a text.
UPDATE vigil.anomalies SET explanation = '{}', recommendations = '{}';
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000001') \g (format=unaligned tuples_only=on)
UPDATE vigil.anomalies SET description = '', subject_name = NULL, subject_type = NULL, model_version = NULL,
    explanation = '{"summary": {"a": 1}, "sentences": "only one", "detectors": 3, "features": [1, {"name": null, "value": "n/a"}, {"value": [1, 2]}],
        "indicators": {"name": "alone"}, "evidence": [{"other_entity_id": "1 OR true"}, {"other_entity_id": 1e300}, {"other_entity_id": -4}],
        "expected_path_length": "x", "path_length": null, "peer_group": []}';
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000001') \g (format=unaligned tuples_only=on)
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000099');
SELECT value, vigil.format_number(value) FROM unnest(ARRAY['0', '47', '12310', '123456.789', '0.5', '0.012345678', '-3.14159', '0.00002', '-1e-20', '1e30', 'null', '"text"', 'true']::jsonb[]) AS value;
DELETE FROM vigil.anomalies;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
