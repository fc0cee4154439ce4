CREATE TYPE vigil.relationship_detection AS (
    relationship_id bigint,
    anomaly_score double precision,
    p_value double precision,
    confidence double precision,
    severity text,
    is_anomaly boolean,
    detection_method text,
    model_version text,
    scored_at timestamptz,
    is_current boolean,
    source_score double precision,
    target_score double precision,
    message text
);

COMMENT ON TYPE vigil.relationship_detection IS 'The answer of vigil.detect_relationship().';
COMMENT ON COLUMN vigil.relationship_detection.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_detection.anomaly_score IS 'Newest score of the relationship itself, 0 to 1; null before the first.';
COMMENT ON COLUMN vigil.relationship_detection.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.relationship_detection.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.relationship_detection.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.relationship_detection.is_anomaly IS 'The score reaches the threshold; null before the first score.';
COMMENT ON COLUMN vigil.relationship_detection.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.relationship_detection.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.relationship_detection.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.relationship_detection.is_current IS 'It has a score, and every committed change of its ends has been scored.';
COMMENT ON COLUMN vigil.relationship_detection.source_score IS 'Newest score of the entity that it starts from; null if it has none.';
COMMENT ON COLUMN vigil.relationship_detection.target_score IS 'Newest score of the entity that it leads to; null if it has none.';
COMMENT ON COLUMN vigil.relationship_detection.message IS 'What there is to know about the answer.';
