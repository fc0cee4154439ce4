CREATE VIEW vigil.entity_risk WITH (security_invoker = true) AS
SELECT
    entity.id AS entity_id,
    entity.type,
    vigil.clean_label(coalesce(entity.name, entity.value, ''), 32) AS name,
    round(score.anomaly_score::numeric, 2) AS score,
    score.severity,
    round(score.confidence::numeric, 2) AS confidence,
    round(entity.risk_score::numeric, 2) AS risk,
    metrics.degree,
    (
        SELECT count(*)
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.subject_kind = 'entity' AND anomaly.subject_id = entity.id AND anomaly.is_active
    ) AS anomalies,
    vigil.format_age(score.scored_at) AS scored
FROM vigil.entities AS entity
LEFT JOIN vigil.entity_scores AS score ON score.entity_id = entity.id
LEFT JOIN vigil.entity_metrics AS metrics ON metrics.entity_id = entity.id
WHERE entity.is_active;

COMMENT ON VIEW vigil.entity_risk IS 'Each active entity with its newest score. The strangest: SELECT * FROM vigil.entity_risk ORDER BY score DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN vigil.entity_risk.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_risk.type IS 'Its type.';
COMMENT ON COLUMN vigil.entity_risk.name IS 'Its name, or else its value.';
COMMENT ON COLUMN vigil.entity_risk.score IS 'Newest anomaly score, 0 to 1; null before the first.';
COMMENT ON COLUMN vigil.entity_risk.severity IS 'Severity of that score.';
COMMENT ON COLUMN vigil.entity_risk.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.entity_risk.risk IS 'Risk that the source of the data sees in it.';
COMMENT ON COLUMN vigil.entity_risk.degree IS 'Distinct neighbours.';
COMMENT ON COLUMN vigil.entity_risk.anomalies IS 'Open anomalies.';
COMMENT ON COLUMN vigil.entity_risk.scored IS 'How long ago it was scored.';
