CREATE TABLE vigil.feed_state (
    singleton boolean PRIMARY KEY DEFAULT true
        CHECK (singleton),
    epoch_seen bigint,
    system_identifier bigint,
    database_oid oid,
    snapshot pg_snapshot,
    armed boolean NOT NULL DEFAULT false,
    batches bigint NOT NULL DEFAULT 0 CHECK (batches >= 0),
    changes bigint NOT NULL DEFAULT 0 CHECK (changes >= 0),
    replays bigint NOT NULL DEFAULT 0 CHECK (replays >= 0),
    last_batch_at timestamptz,
    last_batch_changes bigint CHECK (last_batch_changes >= 0),
    loaded_at timestamptz
) WITH (fillfactor = 10);

COMMENT ON TABLE vigil.feed_state IS 'How far the change feed has been read: one row, written in the same transaction as the results. Its values mean nothing in another cluster, so it is no part of a dump.';
COMMENT ON COLUMN vigil.feed_state.singleton IS 'Always true: the key that allows one row.';
COMMENT ON COLUMN vigil.feed_state.epoch_seen IS 'The epoch (vigil.feed_epochs) in which the graph was loaded; a later one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.system_identifier IS 'The cluster in which the graph was loaded; another one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.database_oid IS 'The database in which the graph was loaded; another one calls for a full reload.';
COMMENT ON COLUMN vigil.feed_state.snapshot IS 'Every change visible in this snapshot has been taken up. Null: nothing has been loaded.';
COMMENT ON COLUMN vigil.feed_state.armed IS 'The reader is about to sleep and wants the doorbell rung. A change of it sets vigil.feed_doorbell.';
COMMENT ON COLUMN vigil.feed_state.batches IS 'Batches read since the installation.';
COMMENT ON COLUMN vigil.feed_state.changes IS 'Changes read since the installation.';
COMMENT ON COLUMN vigil.feed_state.replays IS 'Batches that were read again after a failure.';
COMMENT ON COLUMN vigil.feed_state.last_batch_at IS 'When the last batch was committed.';
COMMENT ON COLUMN vigil.feed_state.last_batch_changes IS 'Changes in the last batch.';
COMMENT ON COLUMN vigil.feed_state.loaded_at IS 'When the graph was last loaded as a whole.';

INSERT INTO vigil.feed_state DEFAULT VALUES;
