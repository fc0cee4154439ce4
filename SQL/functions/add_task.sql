-- With the rights of the owner, for nobody else writes vigil.tasks: the state of a task would be forged.
CREATE FUNCTION vigil.add_task(
    kind text, arguments jsonb DEFAULT '{}', priority integer DEFAULT 0, run_after timestamptz DEFAULT now(), attempts_max integer DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    checked CONSTANT jsonb := vigil.check_task_arguments(add_task.kind, add_task.arguments);
    filed bigint;
BEGIN
    -- Who may retrain is told by the right to call vigil.retrain().
    IF add_task.kind IN ('retrain', 'maintenance') AND NOT has_function_privilege(
        vigil.acting_role(), 'vigil.retrain(bigint, integer, integer, double precision, boolean, boolean)', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'permission denied to file a task of kind %', add_task.kind
            USING ERRCODE = 'insufficient_privilege', HINT = 'Members of vigil_admin may.';
    END IF;
    IF add_task.priority IS NULL OR add_task.priority NOT BETWEEN -100 AND 100 THEN
        RAISE EXCEPTION 'the priority of a task must be from -100 to 100, not %', coalesce(add_task.priority::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF add_task.attempts_max NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'attempts_max must be from 1 to 100, not %', add_task.attempts_max USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF add_task.run_after IS NULL OR add_task.run_after = 'infinity' THEN
        RAISE EXCEPTION 'a task that may run only after % never runs', coalesce(add_task.run_after::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF add_task.kind = 'retrain' THEN
        PERFORM vigil.lock_audit();
    END IF;
    filed := vigil.file_task(add_task.kind, checked, add_task.priority, add_task.run_after, add_task.attempts_max);
    IF add_task.kind = 'retrain' THEN
        PERFORM vigil.record_decision('retrain', 'task', filed::text, NULL, checked);
    END IF;
    RETURN filed;
END
$$;

COMMENT ON FUNCTION vigil.add_task(text, jsonb, integer, timestamptz, integer) IS 'Files a task of any kind and returns its key, for vigil.task_status and vigil.wait_for_task(). The same one that is queued already is not filed again. See vigil.check_task_arguments() for the arguments; vigil.request_detection(), vigil.request_scan(), vigil.request_report(), vigil.request_export(), vigil.request_preview() and vigil.retrain() are friendlier. Only an administrator files retrain and maintenance.';
