-- Narrow, because there may be ten times as many relationships as entities: about 130 bytes a row with its key.
-- Nothing here is ordered by score: a new score of an old row is then written beside it, and no index moves.
CREATE TABLE vigil.relationship_scores (
    relationship_id bigint PRIMARY KEY,
    scored_at timestamptz NOT NULL DEFAULT now(),
    anomaly_score double precision NOT NULL
        CHECK (anomaly_score BETWEEN 0 AND 1),
    graph_epoch bigint,
    p_value real
        CHECK (p_value BETWEEN 0 AND 1),
    confidence real NOT NULL
        CHECK (confidence BETWEEN 0 AND 1),
    score_count integer NOT NULL DEFAULT 1
        CHECK (score_count >= 1),
    severity text NOT NULL
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    model_version text,
    detectors jsonb
) WITH (fillfactor = 90);

COMMENT ON TABLE vigil.relationship_scores IS 'The newest score of each relationship. Without a foreign key, so that writing it never waits for writers of relationships.';
COMMENT ON COLUMN vigil.relationship_scores.relationship_id IS 'The relationship.';
COMMENT ON COLUMN vigil.relationship_scores.scored_at IS 'When it was scored.';
COMMENT ON COLUMN vigil.relationship_scores.anomaly_score IS 'min(1, -log10(p) / 5): one in 1,000 is 0.6.';
COMMENT ON COLUMN vigil.relationship_scores.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.relationship_scores.p_value IS 'Tail probability of all detectors combined; null if none could speak.';
COMMENT ON COLUMN vigil.relationship_scores.confidence IS 'How far the score can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.relationship_scores.score_count IS 'How often it has been scored.';
COMMENT ON COLUMN vigil.relationship_scores.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.relationship_scores.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.relationship_scores.detectors IS 'What each detector said; null where none of them found the relationship strange.';
