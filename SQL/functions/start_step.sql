-- With the rights of the owner, to note what was started; the task is filed for who asked, as acting_role() has it.
CREATE FUNCTION vigil.start_step(id uuid, number integer)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    wanted jsonb;
    anomaly vigil.anomalies;
    filed bigint;
BEGIN
    PERFORM vigil.lock_audit();
    wanted := vigil.find_step(start_step.id, start_step.number);
    IF wanted ->> 'task' IS NULL AND wanted ->> 'webhook' IS NULL THEN
        RAISE EXCEPTION 'step % starts neither a task nor a webhook', start_step.number
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Do it, and call vigil.tick_step().';
    END IF;
    SELECT * INTO anomaly FROM vigil.anomalies AS found WHERE found.id = start_step.id;
    IF wanted ->> 'task' IS NOT NULL THEN
        filed := vigil.add_task(wanted ->> 'task', CASE wanted ->> 'task'
            WHEN 'export' THEN jsonb_build_object('anomaly_id', anomaly.id)
            WHEN 'detect' THEN jsonb_build_object(anomaly.subject_kind || '_ids', jsonb_build_array(anomaly.subject_id))
            ELSE '{}' END);
    END IF;
    INSERT INTO vigil.playbook_progress AS progress (anomaly_id, step, task_id, started_by, started_at)
    VALUES (anomaly.id, wanted ->> 'step', filed, vigil.acting_person(), now())
    ON CONFLICT ON CONSTRAINT playbook_progress_pkey DO UPDATE
    SET task_id = coalesce(excluded.task_id, progress.task_id), started_by = excluded.started_by, started_at = excluded.started_at;
    IF wanted ->> 'webhook' IS NOT NULL THEN
        PERFORM vigil.file_delivery(wanted ->> 'webhook', 'playbook:step', jsonb_build_object('anomaly_id', anomaly.id,
            'severity', anomaly.severity, 'description', left(anomaly.description, 500), 'subject_kind', anomaly.subject_kind,
            'subject_id', anomaly.subject_id, 'subject_type', anomaly.subject_type, 'subject_name', left(anomaly.subject_name, 500),
            'step', wanted ->> 'step', 'started_by', vigil.acting_person()));
    END IF;
    RETURN filed;
END
$$;

COMMENT ON FUNCTION vigil.start_step(uuid, integer) IS 'Starts what a step of the checklist of an anomaly names: files its task and returns its key, and has its webhook called with an event playbook:step. The step is not done by that: vigil.tick_step().';
