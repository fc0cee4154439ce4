CREATE VIEW vigil.anomalies_recent WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 20) AS subject,
    vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed) AS state,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
ORDER BY anomaly.last_detected DESC, anomaly.id DESC;

COMMENT ON VIEW vigil.anomalies_recent IS 'All anomalies, open or not, the newest first.';
COMMENT ON COLUMN vigil.anomalies_recent.id IS 'Key of the anomaly, for vigil.explain_anomaly() and vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies_recent.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies_recent.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies_recent.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomalies_recent.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomalies_recent.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomalies_recent.age IS 'How long ago it was last detected.';
