-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.claim_task(runner text, kinds text[] DEFAULT NULL)
RETURNS SETOF vigil.tasks
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    lease CONSTANT interval := (vigil.get_setting('task_lease_seconds'))::double precision * interval '1 second';
BEGIN
    IF coalesce(claim_task.runner, '') = '' OR length(claim_task.runner) > 200 THEN
        RAISE EXCEPTION 'a runner of tasks has a name of 1 to 200 characters' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Whoever had these is gone, perhaps because of the task: that was an attempt.
    UPDATE vigil.tasks AS lost
    SET state = CASE WHEN lost.cancel_requested THEN 'cancelled' WHEN lost.attempts >= lost.attempts_max THEN 'dead' ELSE 'failed' END,
        finished_at = CASE WHEN lost.cancel_requested OR lost.attempts >= lost.attempts_max THEN clock_timestamp() END,
        lease_until = NULL,
        error = format('%s gave no sign of life after %s', lost.claimed_by, to_char(lost.heartbeat_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'))
    WHERE lost.id IN (
        SELECT expired.id FROM vigil.tasks AS expired
        WHERE expired.state = 'running' AND expired.lease_until < clock_timestamp()
        FOR UPDATE SKIP LOCKED);
    RETURN QUERY
    UPDATE vigil.tasks AS claimed
    SET state = 'running', attempts = claimed.attempts + 1, claimed_by = claim_task.runner, started_at = clock_timestamp(),
        heartbeat_at = clock_timestamp(), lease_until = clock_timestamp() + lease, progress = 0, stage = NULL, result = NULL
    WHERE claimed.id = (
        SELECT waiting.id FROM vigil.tasks AS waiting
        WHERE waiting.state IN ('queued', 'failed') AND waiting.run_after <= clock_timestamp()
            AND (claim_task.kinds IS NULL OR waiting.kind = ANY (claim_task.kinds))
        ORDER BY waiting.priority DESC, waiting.run_after, waiting.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED)
    RETURNING claimed.*;
END
$$;

COMMENT ON FUNCTION vigil.claim_task(text, text[]) IS 'Takes the next task that is due, of these kinds or of any, for a runner of this name, and returns it; no row if there is none. The runner gives a sign of life by vigil.report_progress() within the setting task_lease_seconds, or another one takes the task. Two runners never get the same task, and neither waits for the other.';
