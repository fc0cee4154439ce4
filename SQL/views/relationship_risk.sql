-- The sidecar keeps no score of a relationship that is not strange: what there is are anomalies.
CREATE VIEW vigil.relationship_risk WITH (security_invoker = true) AS
SELECT
    relationship.id AS relationship_id,
    vigil.clean_label(relationship.type, 18) AS type,
    vigil.clean_label(coalesce(source_entity.name, source_entity.value, source_entity.type || ' ' || source_entity.id), 22) AS source,
    vigil.clean_label(coalesce(target_entity.name, target_entity.value, target_entity.type || ' ' || target_entity.id), 22) AS target,
    round(worst.anomaly_score::numeric, 2) AS score,
    worst.severity,
    round(source_score.anomaly_score::numeric, 2) AS source_score,
    round(target_score.anomaly_score::numeric, 2) AS target_score
FROM vigil.relationships AS relationship
JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id
LEFT JOIN vigil.entity_scores AS source_score ON source_score.entity_id = relationship.source_entity_id
LEFT JOIN vigil.entity_scores AS target_score ON target_score.entity_id = relationship.target_entity_id
LEFT JOIN LATERAL (
    SELECT anomaly.anomaly_score, anomaly.severity
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = relationship.id AND anomaly.is_active
    -- Not by the index of all scores.
    ORDER BY anomaly.anomaly_score + 0 DESC
    LIMIT 1
) AS worst ON true
WHERE relationship.is_active;

COMMENT ON VIEW vigil.relationship_risk IS 'Each active relationship with its open anomaly, if it has one, and the scores of its ends. The strangest: SELECT * FROM vigil.relationship_risk ORDER BY score DESC NULLS LAST, greatest(source_score, target_score) DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN vigil.relationship_risk.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_risk.type IS 'Its type.';
COMMENT ON COLUMN vigil.relationship_risk.source IS 'The entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target IS 'The entity that it leads to.';
COMMENT ON COLUMN vigil.relationship_risk.score IS 'Score of its open anomaly; null if it has none: other scores of relationships are not kept.';
COMMENT ON COLUMN vigil.relationship_risk.severity IS 'Severity of that anomaly.';
COMMENT ON COLUMN vigil.relationship_risk.source_score IS 'Newest score of the entity that it starts from.';
COMMENT ON COLUMN vigil.relationship_risk.target_score IS 'Newest score of the entity that it leads to.';
