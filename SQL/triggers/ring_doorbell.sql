-- The WHEN clauses are evaluated without a call of the function; so a statement pays for the read of
-- one sequence, and for NOTIFY only when the reader sleeps.
CREATE FUNCTION vigil.ring_doorbell()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A listener that reads nothing for days fills the queue that the whole cluster shares, and with a
    -- full one each COMMIT that rings would fail. Long before, nobody rings any more: the feed polls.
    IF pg_catalog.pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_catalog.pg_notify('vigil_feed', '');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.ring_doorbell() IS 'Trigger function: wakes the reader of the change feed.';

CREATE TRIGGER entities_ring_doorbell
AFTER INSERT OR UPDATE OR DELETE ON vigil.entities
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER relationships_ring_doorbell
AFTER INSERT OR UPDATE OR DELETE ON vigil.relationships
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER observation_history_ring_doorbell
AFTER INSERT ON vigil.observation_history
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER pending_rows_ring_doorbell
AFTER INSERT ON vigil.pending_rows
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();

CREATE TRIGGER feed_epochs_ring_doorbell
AFTER INSERT ON vigil.feed_epochs
FOR EACH STATEMENT
WHEN (pg_catalog.pg_sequence_last_value('vigil.feed_doorbell'::regclass) = 1)
EXECUTE FUNCTION vigil.ring_doorbell();
