CREATE TABLE vigil.entity_scores (
    entity_id bigint PRIMARY KEY,
    anomaly_score double precision NOT NULL
        CHECK (anomaly_score BETWEEN 0 AND 1),
    p_value double precision
        CHECK (p_value BETWEEN 0 AND 1),
    confidence double precision NOT NULL
        CHECK (confidence BETWEEN 0 AND 1),
    severity text NOT NULL
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    features double precision[],
    detectors jsonb,
    detection_method text NOT NULL,
    model_version text,
    graph_epoch bigint,
    scored_at timestamptz NOT NULL DEFAULT now(),
    score_count bigint NOT NULL DEFAULT 1
        CHECK (score_count >= 1)
) WITH (fillfactor = 70);

CREATE INDEX entity_scores_anomaly_score_idx ON vigil.entity_scores (anomaly_score DESC, entity_id);

COMMENT ON TABLE vigil.entity_scores IS 'The newest score of each entity. Without a foreign key, so that writing it never waits for writers of entities.';
COMMENT ON COLUMN vigil.entity_scores.entity_id IS 'The entity.';
COMMENT ON COLUMN vigil.entity_scores.anomaly_score IS 'min(1, -log10(p) / 5): one in 1,000 is 0.6.';
COMMENT ON COLUMN vigil.entity_scores.p_value IS 'Tail probability of all detectors combined; null if none could speak.';
COMMENT ON COLUMN vigil.entity_scores.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.entity_scores.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.entity_scores.features IS 'The feature vector that was scored; NaN is a missing value.';
COMMENT ON COLUMN vigil.entity_scores.detectors IS 'What each detector said.';
COMMENT ON COLUMN vigil.entity_scores.detection_method IS 'Which detectors made the score.';
COMMENT ON COLUMN vigil.entity_scores.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.entity_scores.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.entity_scores.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.entity_scores.score_count IS 'How often the entity has been scored.';
