-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.fail_task(id bigint, runner text, error text, is_final boolean DEFAULT false)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    wait_max_seconds CONSTANT double precision := 3600;
    first_wait_seconds CONSTANT double precision := (vigil.get_setting('task_retry_seconds'))::double precision;
    new_state text;
BEGIN
    UPDATE vigil.tasks AS task
    SET state = ended.state,
        finished_at = CASE WHEN ended.state <> 'failed' THEN clock_timestamp() END,
        -- Twice as long each time, and no more than an hour.
        run_after = CASE WHEN ended.state = 'failed'
            THEN clock_timestamp() + least(first_wait_seconds * 2.0 ^ least(task.attempts - 1, 30), wait_max_seconds) * interval '1 second'
            ELSE task.run_after END,
        heartbeat_at = clock_timestamp(), lease_until = NULL,
        error = "left"(coalesce(nullif(fail_task.error, ''), 'no reason was given'), 10000)
    FROM (
        SELECT CASE
            WHEN own.cancel_requested THEN 'cancelled'
            WHEN fail_task.is_final OR own.attempts >= own.attempts_max THEN 'dead'
            ELSE 'failed' END AS state
        FROM vigil.tasks AS own WHERE own.id = fail_task.id
    ) AS ended
    WHERE task.id = fail_task.id AND task.state = 'running' AND task.claimed_by = fail_task.runner
    RETURNING task.state INTO new_state;
    RETURN new_state;
END
$$;

COMMENT ON FUNCTION vigil.fail_task(bigint, text, text, boolean) IS 'The attempt of the runner that has a task failed. The next one comes after the setting task_retry_seconds, twice as long after each further failure, at most an hour; after attempts_max of them, or if is_final, the task is dead. Returns the new state; null if another runner has it by now.';
