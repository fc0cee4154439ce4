-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.finish_task(id bigint, runner text, result jsonb DEFAULT '{}')
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
    UPDATE vigil.tasks AS task
    SET state = 'done', finished_at = clock_timestamp(), heartbeat_at = clock_timestamp(), lease_until = NULL,
        progress = 1, stage = NULL, result = finish_task.result, error = NULL
    WHERE task.id = finish_task.id AND task.state = 'running' AND task.claimed_by = finish_task.runner;
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION vigil.finish_task(bigint, text, jsonb) IS 'The runner that has a task is done with it; false if another one has it by now.';
