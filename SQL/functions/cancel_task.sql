-- With the rights of the owner, for nobody else writes vigil.tasks. Who filed it may, and administrators.
CREATE FUNCTION vigil.cancel_task(id bigint)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    task vigil.tasks;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT * INTO task FROM vigil.tasks AS found WHERE found.id = cancel_task.id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no task %', coalesce(cancel_task.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.task_status.';
    END IF;
    IF task.requested_by <> vigil.acting_person() AND NOT has_function_privilege(
        vigil.acting_role(), 'vigil.retrain(bigint, integer, integer, double precision, boolean, boolean)', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'permission denied to cancel task %, which % filed', task.id, vigil.clean_label(task.requested_by)
            USING ERRCODE = 'insufficient_privilege', HINT = 'Members of vigil_admin may.';
    END IF;
    IF task.state IN ('done', 'dead', 'cancelled') THEN
        RETURN task.state;
    END IF;
    UPDATE vigil.tasks AS cancelled
    SET cancel_requested = true,
        state = CASE WHEN task.state = 'running' THEN 'running' ELSE 'cancelled' END,
        finished_at = CASE WHEN task.state = 'running' THEN NULL ELSE clock_timestamp() END
    WHERE cancelled.id = task.id
    RETURNING cancelled.state INTO task.state;
    IF task.kind = 'retrain' THEN
        PERFORM vigil.record_decision('cancel task', 'task', task.id::text, task.arguments, NULL);
    END IF;
    PERFORM vigil.ring_for_tasks();
    RETURN task.state;
END
$$;

COMMENT ON FUNCTION vigil.cancel_task(bigint) IS 'Cancels a task, and returns its state: cancelled; running if the sidecar is asked to stop it, which takes a moment; or the state in which it ended before. For who filed it, and for administrators.';
