CREATE TYPE vigil.detection AS (
    entity_id bigint,
    anomaly_score double precision,
    p_value double precision,
    confidence double precision,
    severity text,
    is_anomaly boolean,
    detection_method text,
    model_version text,
    scored_at timestamptz,
    is_current boolean,
    message text
);

COMMENT ON TYPE vigil.detection IS 'The answer of vigil.detect_entity().';
COMMENT ON COLUMN vigil.detection.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.detection.anomaly_score IS 'min(1, -log10(p) / 5); null if it has not been scored.';
COMMENT ON COLUMN vigil.detection.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.detection.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.detection.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.detection.is_anomaly IS 'The score reaches vigil.current_threshold().';
COMMENT ON COLUMN vigil.detection.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.detection.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.detection.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.detection.is_current IS 'The score covers every committed change of the entity and its relationships.';
COMMENT ON COLUMN vigil.detection.message IS 'What there is to know about the answer.';
