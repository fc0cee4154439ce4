CREATE TABLE vigil.upkeep (
    task text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    is_running boolean NOT NULL DEFAULT false,
    round_ended_at timestamptz,
    removed bigint NOT NULL DEFAULT 0
        CHECK (removed >= 0)
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.upkeep IS 'How far vigil.run_upkeep() is: one row for each kind of rows that have a time to live. Each kind is gone through once a day.';
COMMENT ON COLUMN vigil.upkeep.task IS 'What is gone through: history, scores, relationship scores, metrics, anomalies, incidents, suppressions, audit, models, epochs, tasks, reports, renderings or drift reports.';
COMMENT ON COLUMN vigil.upkeep.position IS 'Last key that this round has looked at; 0: it begins at the front.';
COMMENT ON COLUMN vigil.upkeep.is_running IS 'A round has begun and has not come to its end.';
COMMENT ON COLUMN vigil.upkeep.round_ended_at IS 'When the last round came to its end; null: none has.';
COMMENT ON COLUMN vigil.upkeep.removed IS 'How many rows have been removed in all.';
