-- Without a foreign key, like the scores: writing it never waits for writers of entities and relationships.
CREATE TABLE vigil.shadow_scores (
    subject_id bigint NOT NULL,
    subject_kind text NOT NULL
        CHECK (subject_kind IN ('entity', 'relationship')),
    champion_version text NOT NULL,
    challenger_version text NOT NULL,
    champion_score double precision NOT NULL
        CHECK (champion_score BETWEEN 0 AND 1),
    challenger_score double precision NOT NULL
        CHECK (challenger_score BETWEEN 0 AND 1),
    champion_p double precision
        CHECK (champion_p BETWEEN 0 AND 1),
    challenger_p double precision
        CHECK (challenger_p BETWEEN 0 AND 1),
    champion_alerts boolean NOT NULL,
    challenger_alerts boolean NOT NULL,
    champion_peak double precision NOT NULL,
    challenger_peak double precision NOT NULL,
    champion_alerted boolean NOT NULL,
    challenger_alerted boolean NOT NULL,
    written_by text NOT NULL
        CHECK (written_by IN ('champion', 'challenger')),
    judged_count bigint NOT NULL DEFAULT 1
        CHECK (judged_count >= 1),
    first_judged_at timestamptz NOT NULL DEFAULT now(),
    judged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject_id, subject_kind)
) WITH (fillfactor = 80);

COMMENT ON TABLE vigil.shadow_scores IS 'What the active model (the champion) and its challenger said of the same entity or relationship at the same time: one row for each that was judged since the challenge began. Emptied when either of the two changes. Read it in vigil.model_compare.';
COMMENT ON COLUMN vigil.shadow_scores.subject_id IS 'Key of the entity or relationship.';
COMMENT ON COLUMN vigil.shadow_scores.subject_kind IS 'entity or relationship.';
COMMENT ON COLUMN vigil.shadow_scores.champion_version IS 'The active model.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_version IS 'The challenger.';
COMMENT ON COLUMN vigil.shadow_scores.champion_score IS 'Newest anomaly score by the champion.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_score IS 'Newest anomaly score by the challenger.';
COMMENT ON COLUMN vigil.shadow_scores.champion_p IS 'Newest tail probability by the champion; null if none of its detectors could speak.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_p IS 'Newest tail probability by the challenger; null if none of its detectors could speak.';
COMMENT ON COLUMN vigil.shadow_scores.champion_alerts IS 'Whether that is an anomaly for the champion.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_alerts IS 'Whether that is an anomaly for the challenger.';
COMMENT ON COLUMN vigil.shadow_scores.champion_peak IS 'Largest score by the champion since the challenge began.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_peak IS 'Largest score by the challenger since the challenge began.';
COMMENT ON COLUMN vigil.shadow_scores.champion_alerted IS 'Whether it has been an anomaly for the champion since the challenge began.';
COMMENT ON COLUMN vigil.shadow_scores.challenger_alerted IS 'Whether it has been an anomaly for the challenger since the challenge began.';
COMMENT ON COLUMN vigil.shadow_scores.written_by IS 'Whose verdict was stored as the score: the challenger''s only within challenger_share.';
COMMENT ON COLUMN vigil.shadow_scores.judged_count IS 'How often both have judged it.';
COMMENT ON COLUMN vigil.shadow_scores.first_judged_at IS 'When both judged it for the first time.';
COMMENT ON COLUMN vigil.shadow_scores.judged_at IS 'When both judged it last.';
