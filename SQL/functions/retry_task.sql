-- With the rights of the owner, for nobody else writes vigil.tasks. Who filed it may, and administrators.
CREATE FUNCTION vigil.retry_task(id bigint)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    task vigil.tasks;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT * INTO task FROM vigil.tasks AS found WHERE found.id = retry_task.id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no task %', coalesce(retry_task.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.task_status.';
    END IF;
    IF (task.requested_by <> vigil.acting_person() OR task.kind IN ('retrain', 'maintenance')) AND NOT has_function_privilege(
        vigil.acting_role(), 'vigil.retrain(bigint, integer, integer, double precision, boolean, boolean)', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'permission denied to retry task %', task.id
            USING ERRCODE = 'insufficient_privilege', HINT = 'Members of vigil_admin may.';
    END IF;
    IF task.state NOT IN ('failed', 'dead', 'cancelled') THEN
        RAISE EXCEPTION 'task % is %: there is nothing to retry', task.id, task.state
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    UPDATE vigil.tasks AS retried
    SET state = 'queued', attempts = 0, run_after = clock_timestamp(), finished_at = NULL, cancel_requested = false,
        progress = 0, stage = NULL
    WHERE retried.id = task.id;
    IF task.kind = 'retrain' THEN
        PERFORM vigil.record_decision('retry task', 'task', task.id::text, NULL, task.arguments);
    END IF;
    PERFORM vigil.ring_for_tasks();
    RETURN task.id;
END
$$;

COMMENT ON FUNCTION vigil.retry_task(bigint) IS 'Queues a failed, dead or cancelled task again, with all its attempts, and returns its key. For who filed it, and for administrators.';
