-- A procedure that commits cannot have settings of its own; so it names the search_path in each
-- transaction, and uses no operator.
CREATE PROCEDURE vigil.backfill(attached regclass DEFAULT NULL, rows_per_batch integer DEFAULT 5000)
LANGUAGE plpgsql
AS $$
DECLARE
    is_going_on boolean;
BEGIN
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    PERFORM vigil.restart_fill(attached, rows_per_batch);
    COMMIT;
    LOOP
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        is_going_on := vigil.fill_batch(attached, rows_per_batch);
        COMMIT;
        EXIT WHEN is_going_on IS NOT TRUE;
    END LOOP;
END
$$;

COMMENT ON PROCEDURE vigil.backfill(regclass, integer) IS 'Takes up the rows that attached tables had when they were attached, in batches of one transaction each, and what waits in vigil.pending_rows; where everything has been taken up, compares all rows and repairs what differs. Interrupt it at any time: it goes on where it was. vigil.attached_tables shows the progress. The caller must be able to read the tables; not within a transaction block.';
