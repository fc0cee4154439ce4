-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.release_task(id bigint, runner text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    new_state text;
BEGIN
    UPDATE vigil.tasks AS task
    SET state = CASE WHEN task.cancel_requested THEN 'cancelled' ELSE 'queued' END,
        finished_at = CASE WHEN task.cancel_requested THEN clock_timestamp() END,
        attempts = task.attempts - 1, lease_until = NULL, progress = 0, stage = NULL
    WHERE task.id = release_task.id AND task.state = 'running' AND task.claimed_by = release_task.runner
    RETURNING task.state INTO new_state;
    IF new_state = 'queued' THEN
        PERFORM vigil.ring_for_tasks();
    END IF;
    RETURN new_state;
END
$$;

COMMENT ON FUNCTION vigil.release_task(bigint, text) IS 'The runner that has a task gives it back: it is cancelled if somebody asked for that, else queued again, and that was no attempt. Returns the new state; null if another runner has it by now.';
