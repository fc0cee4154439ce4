CREATE VIEW vigil.anomalies_open WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 32) AS subject,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
WHERE anomaly.is_active
    AND anomaly.resolved_at IS NULL
    AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= now())
    AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
ORDER BY anomaly.anomaly_score DESC, anomaly.first_detected DESC, anomaly.id DESC;

COMMENT ON VIEW vigil.anomalies_open IS 'The anomalies to look at, the strangest first: neither resolved, nor suppressed, nor judged a false positive or benign.';
COMMENT ON COLUMN vigil.anomalies_open.id IS 'Key of the anomaly, for vigil.explain_anomaly() and vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies_open.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies_open.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies_open.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomalies_open.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomalies_open.age IS 'How long ago it was last detected.';
