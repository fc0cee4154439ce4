CREATE INDEX anomalies_closed_idx ON vigil.anomalies (coalesce(resolved_at, last_detected)) WHERE NOT is_active;
ALTER TABLE vigil.anomalies
    ADD COLUMN reopened integer NOT NULL DEFAULT 0
        CHECK (reopened >= 0),
    ADD COLUMN reopened_at timestamptz,
    ADD COLUMN resolved_by_itself boolean NOT NULL DEFAULT false,
    ADD CHECK (NOT (is_active AND resolved_by_itself));
