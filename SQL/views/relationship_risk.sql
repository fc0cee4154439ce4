CREATE VIEW vigil.relationship_risk WITH (security_invoker = true) AS
SELECT
    relationship.id AS relationship_id,
    vigil.clean_label(relationship.type, 18) AS type,
    vigil.clean_label(coalesce(source_entity.name, source_entity.value, source_entity.type || ' ' || source_entity.id), 22) AS source,
    vigil.clean_label(coalesce(target_entity.name, target_entity.value, target_entity.type || ' ' || target_entity.id), 22) AS target,
    round(score.anomaly_score::numeric, 2) AS score,
    score.severity,
    round(source_score.anomaly_score::numeric, 2) AS source_score,
    round(target_score.anomaly_score::numeric, 2) AS target_score,
    (
        SELECT count(*)
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = relationship.id AND anomaly.is_active
    ) AS anomalies,
    vigil.format_age(score.scored_at) AS scored
FROM vigil.relationships AS relationship
JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
LEFT JOIN vigil.relationship_scores AS score ON score.relationship_id = relationship.id
LEFT JOIN vigil.entity_scores AS source_score ON source_score.entity_id = relationship.source_entity_id
LEFT JOIN vigil.entity_scores AS target_score ON target_score.entity_id = relationship.target_entity_id
WHERE relationship.is_active;

COMMENT ON VIEW vigil.relationship_risk IS 'Each active relationship with its newest score and those of its ends. The strangest: SELECT * FROM vigil.relationship_risk ORDER BY score DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN vigil.relationship_risk.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_risk.type IS 'Its type.';
COMMENT ON COLUMN vigil.relationship_risk.source IS 'The entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target IS 'The entity that it leads to.';
COMMENT ON COLUMN vigil.relationship_risk.score IS 'Newest anomaly score of the relationship itself, 0 to 1; null before the first.';
COMMENT ON COLUMN vigil.relationship_risk.severity IS 'Severity of that score.';
COMMENT ON COLUMN vigil.relationship_risk.source_score IS 'Newest score of the entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target_score IS 'Newest score of the entity that it leads to.';
COMMENT ON COLUMN vigil.relationship_risk.anomalies IS 'Open anomalies.';
COMMENT ON COLUMN vigil.relationship_risk.scored IS 'How long ago it was scored.';
