CREATE VIEW vigil.feed_health WITH (security_invoker = true) AS
SELECT
    lag.lag_rows,
    lag.lag_milliseconds,
    EXISTS (
        SELECT FROM vigil.sidecars AS sidecar
        WHERE vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state)
    ) AS sidecar_alive,
    coalesce(pg_catalog.pg_sequence_last_value('vigil.feed_doorbell') = 1, false) AS armed,
    oldest.transaction AS oldest_open_transaction,
    oldest.pid AS oldest_open_pid,
    vigil.current_epoch() AS epoch,
    state.epoch_seen,
    state.snapshot AS last_snapshot,
    state.last_batch_at,
    state.last_batch_changes,
    state.batches,
    state.changes,
    state.replays,
    state.loaded_at
FROM vigil.feed_state AS state
CROSS JOIN vigil.measure_lag() AS lag
LEFT JOIN LATERAL (
    SELECT open.transaction, lock.pid
    FROM (
        SELECT min(xid) AS transaction
        FROM pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) AS xip (xid)
    ) AS open
    LEFT JOIN pg_catalog.pg_locks AS lock
        ON lock.locktype = 'transactionid' AND lock.granted AND lock.mode = 'ExclusiveLock'
        AND lock.transactionid = open.transaction::xid
    LIMIT 1
) AS oldest ON true;

COMMENT ON VIEW vigil.feed_health IS 'How the change feed stands: one row.';
COMMENT ON COLUMN vigil.feed_health.lag_rows IS 'Rows written and not yet read, counted up to 100,000 a table; null if nothing has been loaded.';
COMMENT ON COLUMN vigil.feed_health.lag_milliseconds IS 'How long the oldest of them has waited.';
COMMENT ON COLUMN vigil.feed_health.sidecar_alive IS 'A sidecar has given a sign of life lately.';
COMMENT ON COLUMN vigil.feed_health.armed IS 'The reader sleeps, and writers ring the doorbell.';
COMMENT ON COLUMN vigil.feed_health.oldest_open_transaction IS 'The oldest transaction that has written something in this cluster and is still open; its changes are read when it commits.';
COMMENT ON COLUMN vigil.feed_health.oldest_open_pid IS 'The server process of that transaction; null if it is a prepared one.';
COMMENT ON COLUMN vigil.feed_health.epoch IS 'The current epoch.';
COMMENT ON COLUMN vigil.feed_health.epoch_seen IS 'The epoch that has been loaded; if it is another one, a full reload is due.';
COMMENT ON COLUMN vigil.feed_health.last_snapshot IS 'Everything visible in this snapshot has been read.';
COMMENT ON COLUMN vigil.feed_health.last_batch_at IS 'When the last batch was committed.';
COMMENT ON COLUMN vigil.feed_health.last_batch_changes IS 'Changes in that batch.';
COMMENT ON COLUMN vigil.feed_health.batches IS 'Batches read since the installation.';
COMMENT ON COLUMN vigil.feed_health.changes IS 'Changes read since the installation.';
COMMENT ON COLUMN vigil.feed_health.replays IS 'Batches that were read again after a failure.';
COMMENT ON COLUMN vigil.feed_health.loaded_at IS 'When the graph was last loaded as a whole.';
