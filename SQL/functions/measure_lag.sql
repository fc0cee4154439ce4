CREATE FUNCTION vigil.measure_lag(OUT lag_rows bigint, OUT lag_milliseconds double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    counted_max CONSTANT integer := 100000;
    read_below xid8;
    in_progress xid8[];
    last_batch timestamptz;
    oldest timestamptz;
BEGIN
    SELECT pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot)), last_batch_at
    INTO read_below, in_progress, last_batch
    FROM vigil.feed_state;
    IF read_below IS NULL THEN
        RETURN;
    END IF;
    SELECT count(*), min(written_at) INTO lag_rows, oldest
    FROM (
        (SELECT updated_at AS written_at FROM vigil.entities
        WHERE inserted_xid >= read_below OR inserted_xid = ANY (in_progress) LIMIT counted_max)
        UNION ALL
        (SELECT updated_at FROM vigil.relationships
        WHERE inserted_xid >= read_below OR inserted_xid = ANY (in_progress) LIMIT counted_max)
        UNION ALL
        (SELECT recorded_at FROM vigil.observation_history
        WHERE recorded_xid >= read_below OR recorded_xid = ANY (in_progress) LIMIT counted_max)
    ) AS unread;
    -- What is unread was committed after the last batch, however old the row says that it is.
    lag_milliseconds := CASE WHEN lag_rows = 0 THEN 0 ELSE
        round(1000 * greatest(extract(epoch FROM clock_timestamp() - greatest(oldest, last_batch)), 0), 1) END;
END
$$;

COMMENT ON FUNCTION vigil.measure_lag() IS 'Rows that the change feed has still to read (counted up to 100,000 a table), and how long the oldest of them has waited; null if nothing has been loaded.';
