-- A procedure that commits cannot have settings of its own; so it names the search_path in each
-- transaction, and every object with its schema.
CREATE PROCEDURE vigil.wait_for_task(id bigint, timeout interval DEFAULT '1 minute', INOUT state text DEFAULT NULL, INOUT result jsonb DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    deadline CONSTANT timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) timeout;
    pause_seconds double precision := 0.005;
    seen record;
BEGIN
    LOOP
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        SELECT found.goes_on, found.state, found.result INTO seen FROM vigil.check_task(id, deadline) AS found;
        IF NOT seen.goes_on THEN
            state := seen.state;
            result := seen.result;
            RETURN;
        END IF;
        -- No snapshot is held while it sleeps: so it delays no VACUUM, and sees what others commit.
        COMMIT;
        PERFORM pg_catalog.pg_sleep(pause_seconds);
        pause_seconds := LEAST(pause_seconds OPERATOR(pg_catalog.*) 1.3, 0.25);
        COMMIT;
    END LOOP;
END
$$;

COMMENT ON PROCEDURE vigil.wait_for_task(bigint, interval, text, jsonb) IS 'Waits until a task is done, and returns its state and result: CALL vigil.wait_for_task(12, ''5 minutes''). Fails if the task is dead, was cancelled, does not exist, or is not done within the timeout. It ends the transaction again and again, and so cannot be called within a transaction block.';
