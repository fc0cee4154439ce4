CREATE FUNCTION vigil.append_epoch(reason text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    appended bigint;
BEGIN
    -- One at a time until commit: so epochs become visible in ascending order, and a reader that
    -- compares the highest one misses none.
    LOCK TABLE vigil.feed_epochs IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO vigil.feed_epochs (reason) VALUES (append_epoch.reason)
    RETURNING epoch INTO appended;
    RETURN appended;
END
$$;

COMMENT ON FUNCTION vigil.append_epoch(text) IS 'Starts a new epoch of the change feed: the reader will load everything again. Returns its number.';

CREATE FUNCTION vigil.current_epoch()
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT max(epoch) FROM vigil.feed_epochs);

COMMENT ON FUNCTION vigil.current_epoch() IS 'The current epoch of the change feed; it rises when the feed cannot tell single changes (TRUNCATE, a restore).';

CREATE FUNCTION vigil.record_truncation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.append_epoch('TRUNCATE ' || TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_truncation() IS 'Trigger function: a TRUNCATE starts a new epoch.';

CREATE TRIGGER entities_record_truncation
AFTER TRUNCATE ON vigil.entities
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER relationships_record_truncation
AFTER TRUNCATE ON vigil.relationships
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER observation_history_record_truncation
AFTER TRUNCATE ON vigil.observation_history
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();
