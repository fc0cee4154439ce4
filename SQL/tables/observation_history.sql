-- A ring of 16 months: the partitions are the same in every database and at every time. So no
-- maintenance has to come before a write, a dump restores each row wherever it belongs, and a month
-- that is over its time is removed by TRUNCATE, which no writer ever waits for.
CREATE TABLE vigil.observation_history (
    recorded_xid xid8 NOT NULL GENERATED ALWAYS AS (vigil.current_transaction()) STORED,
    recorded_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(recorded_at)),
    observed_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(observed_at)),
    kind "char" NOT NULL
        CHECK (kind IN ('e', 'r')),
    operation "char" NOT NULL
        CHECK (operation IN ('U', 'D', 'H')),
    subject_id bigint NOT NULL,
    confidence real,
    risk_score real,
    weight double precision,
    confidence_before real,
    risk_before real,
    weight_before double precision
) PARTITION BY LIST (vigil.history_slot(recorded_at));

CREATE INDEX observation_history_recorded_xid_idx ON vigil.observation_history (recorded_xid);
CREATE INDEX observation_history_subject_idx ON vigil.observation_history (kind, subject_id, observed_at);

DO $$
BEGIN
    FOR slot IN 0..15 LOOP
        EXECUTE pg_catalog.format(
            'CREATE TABLE vigil.observation_history_%s PARTITION OF vigil.observation_history FOR VALUES IN (%s)',
            pg_catalog.to_char(slot, 'FM00'), slot);
        EXECUTE pg_catalog.format(
            'COMMENT ON TABLE vigil.observation_history_%s IS %L',
            pg_catalog.to_char(slot, 'FM00'),
            'The observations of the months whose vigil.history_slot() is ' || slot || '.');
    END LOOP;
END
$$;

COMMENT ON TABLE vigil.observation_history IS 'What was observed of rows that were there before: each update and delete leaves one row. It is the history of behaviour and the log of the change feed in one. Inserts are not in it: the row itself tells.';
COMMENT ON COLUMN vigil.observation_history.recorded_xid IS 'Transaction that recorded it; the change feed finds new rows by it.';
COMMENT ON COLUMN vigil.observation_history.recorded_at IS 'When it was recorded: the start of that transaction.';
COMMENT ON COLUMN vigil.observation_history.observed_at IS 'When it was observed: the new last_seen or last_observed where the update sets one, else the time of recording.';
COMMENT ON COLUMN vigil.observation_history.kind IS 'e: an entity, r: a relationship.';
COMMENT ON COLUMN vigil.observation_history.operation IS 'U: an update, D: a delete, H: an observation from before the row was in Vigil.';
COMMENT ON COLUMN vigil.observation_history.subject_id IS 'Id of the entity or relationship.';
COMMENT ON COLUMN vigil.observation_history.confidence IS 'Confidence after it; null after a delete.';
COMMENT ON COLUMN vigil.observation_history.risk_score IS 'Risk after it; null after a delete and for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight IS 'Weight after it; null after a delete and for entities.';
COMMENT ON COLUMN vigil.observation_history.confidence_before IS 'Confidence before it.';
COMMENT ON COLUMN vigil.observation_history.risk_before IS 'Risk before it; null for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight_before IS 'Weight before it; null for entities.';
