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
