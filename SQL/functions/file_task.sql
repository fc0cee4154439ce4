-- Called by functions that run with the rights of the owner; nobody else may.
CREATE FUNCTION vigil.file_task(
    kind text, arguments jsonb, priority integer, run_after timestamptz, attempts_max integer, schedule text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open_max CONSTANT integer := (vigil.get_setting('tasks_open_max'))::integer;
    filed bigint;
BEGIN
    -- Who asks twice for the same before it has begun gets it once.
    IF file_task.schedule IS NULL THEN
        SELECT task.id INTO filed
        FROM vigil.tasks AS task
        WHERE task.state = 'queued' AND task.kind = file_task.kind AND task.arguments = file_task.arguments
            AND task.priority >= file_task.priority AND task.run_after <= greatest(file_task.run_after, now())
        ORDER BY task.id
        LIMIT 1;
        IF FOUND THEN
            RETURN filed;
        END IF;
        IF (SELECT count(*) FROM vigil.tasks AS task WHERE task.state IN ('queued', 'failed') OR task.state = 'running') >= open_max THEN
            RAISE EXCEPTION 'there are % open tasks already', open_max
                USING ERRCODE = 'program_limit_exceeded',
                    HINT = 'See vigil.task_status. Start "vigil run" if no sidecar is running, cancel some, or raise the setting tasks_open_max.';
        END IF;
    END IF;
    INSERT INTO vigil.tasks (kind, arguments, priority, requested_by, schedule, run_after, attempts_max)
    VALUES (file_task.kind, file_task.arguments, file_task.priority,
        CASE WHEN file_task.schedule IS NULL THEN vigil.acting_person() ELSE current_user END, file_task.schedule, file_task.run_after,
        coalesce(file_task.attempts_max, (vigil.get_setting('task_attempts_max'))::integer))
    RETURNING id INTO filed;
    PERFORM vigil.ring_for_tasks();
    RETURN filed;
END
$$;

COMMENT ON FUNCTION vigil.file_task(text, jsonb, integer, timestamptz, integer, text) IS 'Adds a task with checked arguments, and returns its key; that of the same one where it is queued already.';
