CREATE VIEW vigil.anomalies_recent WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.clean_label(concat_ws(' ', anomaly.subject_type,
        coalesce(entity.name, entity.value, anomaly.subject_name,
            nullif(concat_ws(' -> ', coalesce(source_entity.name, source_entity.value), coalesce(target_entity.name, target_entity.value)), ''),
            anomaly.subject_kind || ' ' || anomaly.subject_id)), 20) AS subject,
    vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed) AS state,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
LEFT JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id
LEFT JOIN vigil.relationships AS relationship ON relationship.id = anomaly.relationship_id
LEFT JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
LEFT JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
ORDER BY anomaly.last_detected DESC, anomaly.id DESC;

COMMENT ON VIEW vigil.anomalies_recent IS 'All anomalies, open or not, the newest first.';
COMMENT ON COLUMN vigil.anomalies_recent.id IS 'Key of the anomaly, for vigil.explain_anomaly() and vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies_recent.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies_recent.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies_recent.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomalies_recent.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomalies_recent.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomalies_recent.age IS 'How long ago it was last detected.';
