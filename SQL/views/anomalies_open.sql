CREATE VIEW vigil.anomalies_open WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    round(anomaly.anomaly_score::numeric, 2) AS score,
    anomaly.anomaly_type AS type,
    vigil.clean_label(concat_ws(' ', anomaly.subject_type,
        coalesce(entity.name, entity.value, anomaly.subject_name,
            nullif(concat_ws(' -> ', coalesce(source_entity.name, source_entity.value), coalesce(target_entity.name, target_entity.value)), ''),
            anomaly.subject_kind || ' ' || anomaly.subject_id)), 32) AS subject,
    vigil.format_age(anomaly.last_detected) AS age
FROM vigil.anomalies AS anomaly
LEFT JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id
LEFT JOIN vigil.relationships AS relationship ON relationship.id = anomaly.relationship_id
LEFT JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
LEFT JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
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
