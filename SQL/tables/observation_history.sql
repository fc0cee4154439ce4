-- A ring of four half-years: the partitions are the same in every database and at every time. So no
-- maintenance has to come before a write, a dump restores each row wherever it belongs, and what is
-- over its time is removed by TRUNCATE of a partition that no writer uses. Four and not one a month,
-- because each partition adds to every read of the change feed.
CREATE TABLE vigil.observation_history (
    recorded_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(recorded_at)),
    observed_at timestamptz NOT NULL DEFAULT now()
        CHECK (isfinite(observed_at)),
    kind "char" NOT NULL
        CHECK (kind IN ('e', 'r')),
    operation "char" NOT NULL
        CHECK (operation IN ('U', 'D', 'H')),
    subject_id bigint NOT NULL,
    source_entity_id bigint,
    target_entity_id bigint,
    confidence real,
    risk_score real,
    weight double precision,
    confidence_before real,
    risk_before real,
    weight_before double precision
) PARTITION BY LIST (vigil.history_slot(recorded_at));

CREATE INDEX observation_history_recorded_xid_idx ON vigil.observation_history (recorded_xid);
-- For vigil.run_upkeep(): rows come in the order of time.
CREATE INDEX observation_history_recorded_at_idx ON vigil.observation_history USING brin (recorded_at);
CREATE INDEX observation_history_subject_idx ON vigil.observation_history (kind, subject_id, observed_at);

CREATE TABLE vigil.observation_history_0 PARTITION OF vigil.observation_history FOR VALUES IN (0);
CREATE TABLE vigil.observation_history_1 PARTITION OF vigil.observation_history FOR VALUES IN (1);
CREATE TABLE vigil.observation_history_2 PARTITION OF vigil.observation_history FOR VALUES IN (2);
CREATE TABLE vigil.observation_history_3 PARTITION OF vigil.observation_history FOR VALUES IN (3);

COMMENT ON TABLE vigil.observation_history_0 IS 'The observations of the half-years whose vigil.history_slot() is 0.';
COMMENT ON TABLE vigil.observation_history_1 IS 'The observations of the half-years whose vigil.history_slot() is 1.';
COMMENT ON TABLE vigil.observation_history_2 IS 'The observations of the half-years whose vigil.history_slot() is 2.';
COMMENT ON TABLE vigil.observation_history_3 IS 'The observations of the half-years whose vigil.history_slot() is 3.';

COMMENT ON TABLE vigil.observation_history IS 'What was observed of rows that were there before: each update and delete leaves one row. It is the history of behaviour and the log of the change feed in one. Inserts are not in it: the row itself tells.';
COMMENT ON COLUMN vigil.observation_history.recorded_xid IS 'Transaction that recorded it, whatever the writer gives; the change feed finds new rows by it.';
COMMENT ON COLUMN vigil.observation_history.recorded_at IS 'When it was recorded: the start of that transaction.';
COMMENT ON COLUMN vigil.observation_history.observed_at IS 'When it was observed: the new last_seen or last_observed where the update sets one, else the time of recording.';
COMMENT ON COLUMN vigil.observation_history.kind IS 'e: an entity, r: a relationship.';
COMMENT ON COLUMN vigil.observation_history.operation IS 'U: an update, D: a delete, H: an observation from before the row was in Vigil.';
COMMENT ON COLUMN vigil.observation_history.subject_id IS 'Id of the entity or relationship.';
COMMENT ON COLUMN vigil.observation_history.source_entity_id IS 'The source of a deleted relationship: its row is gone, and the features of its ends move with it. Null otherwise.';
COMMENT ON COLUMN vigil.observation_history.target_entity_id IS 'The target of a deleted relationship. Null otherwise.';
COMMENT ON COLUMN vigil.observation_history.confidence IS 'Confidence after it; null after a delete.';
COMMENT ON COLUMN vigil.observation_history.risk_score IS 'Risk after it; null after a delete and for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight IS 'Weight after it; null after a delete and for entities.';
COMMENT ON COLUMN vigil.observation_history.confidence_before IS 'Confidence before it.';
COMMENT ON COLUMN vigil.observation_history.risk_before IS 'Risk before it; null for relationships.';
COMMENT ON COLUMN vigil.observation_history.weight_before IS 'Weight before it; null for entities.';
