CREATE FUNCTION vigil.check_task(id bigint, deadline timestamptz, OUT goes_on boolean, OUT state text, OUT result jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task vigil.tasks;
    waiting_for text;
BEGIN
    SELECT * INTO task FROM vigil.tasks AS found WHERE found.id = check_task.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no task %', coalesce(check_task.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.task_status. A task that was filed in a transaction exists from its COMMIT on.';
    END IF;
    goes_on := false;
    state := task.state;
    result := task.result;
    CASE
        WHEN task.state = 'done' THEN
            RETURN;
        WHEN task.state = 'dead' THEN
            RAISE EXCEPTION 'task % (%) failed for good after % %', task.id, task.kind, task.attempts, CASE task.attempts WHEN 1 THEN 'attempt' ELSE 'attempts' END
                USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = task.error,
                    HINT = format('When the cause is gone: SELECT vigil.retry_task(%s).', task.id);
        WHEN task.state = 'cancelled' THEN
            RAISE EXCEPTION 'task % (%) was cancelled', task.id, task.kind
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('SELECT vigil.retry_task(%s) queues it again.', task.id);
        WHEN check_task.deadline IS NULL OR clock_timestamp() >= check_task.deadline THEN
            waiting_for := CASE
                WHEN NOT EXISTS (SELECT FROM vigil.sidecars AS sidecar WHERE vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state))
                    THEN 'No sidecar is running: start "vigil run".'
                WHEN task.state = 'failed' THEN format('The last attempt failed, the next one comes after %s.', task.run_after)
                WHEN task.state = 'queued' THEN 'Others come first; see vigil.task_status.'
                ELSE 'It goes on; wait for it again, or see vigil.task_status.' END;
            RAISE EXCEPTION 'task % (%) is not done in time: it is %', task.id, task.kind,
                    task.state || CASE WHEN task.state = 'running' THEN format(', %s %%', floor(100 * task.progress)) ELSE '' END
                USING ERRCODE = 'query_canceled', DETAIL = coalesce(task.error, 'No attempt has failed.'), HINT = waiting_for;
        ELSE
            goes_on := true;
    END CASE;
END
$$;

COMMENT ON FUNCTION vigil.check_task(bigint, timestamptz) IS 'Whether a task is still to be waited for, its state and its result. Fails as vigil.wait_for_task() says.';
