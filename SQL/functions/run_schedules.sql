-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.run_schedules(as_of timestamptz DEFAULT clock_timestamp())
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    due vigil.schedules;
    last_due timestamptz;
    following timestamptz;
    filed bigint;
    filed_in_all integer := 0;
BEGIN
    -- Whoever holds the row files the task; another caller passes on, and finds it filed later.
    FOR due IN
        SELECT * FROM vigil.schedules AS schedule
        WHERE schedule.is_enabled AND schedule.next_run_at <= run_schedules.as_of
        ORDER BY schedule.next_run_at, schedule.name
        FOR UPDATE SKIP LOCKED
    LOOP
        filed := NULL;
        last_due := due.next_run_at;
        -- After a downtime: the first time of the last day rather than one of long ago.
        IF run_schedules.as_of - last_due > interval '1 day' THEN
            following := vigil.next_cron_time(due.cron, run_schedules.as_of - interval '1 day', due.time_zone);
            IF following <= run_schedules.as_of THEN
                last_due := following;
            END IF;
        END IF;
        IF due.catch_up_within IS NOT NULL AND run_schedules.as_of - due.next_run_at > due.catch_up_within
            AND vigil.next_cron_time(due.cron, run_schedules.as_of - due.catch_up_within - interval '1 microsecond', due.time_zone) > run_schedules.as_of
        THEN
            RAISE NOTICE 'schedule "%" was last due longer ago than % and waits for the next time', due.name, due.catch_up_within;
        -- What is still at work is not put behind itself.
        ELSIF NOT EXISTS (
            SELECT FROM vigil.tasks AS task
            WHERE task.id = due.last_task_id AND task.schedule = due.name AND task.state IN ('queued', 'failed', 'running'))
        THEN
            BEGIN
                filed := vigil.file_task(due.kind, vigil.check_task_arguments(due.kind, due.arguments), due.priority, last_due, NULL, due.name);
                filed_in_all := filed_in_all + 1;
            EXCEPTION WHEN no_data_found OR invalid_parameter_value THEN
                -- An entity or anomaly that it names is gone: the others go on.
                RAISE WARNING 'schedule "%" could not file its task: %', due.name, SQLERRM;
            END;
        END IF;
        UPDATE vigil.schedules AS schedule
        SET last_run_at = CASE WHEN filed IS NULL THEN schedule.last_run_at ELSE run_schedules.as_of END,
            last_task_id = coalesce(filed, schedule.last_task_id),
            next_run_at = vigil.next_cron_time(due.cron, run_schedules.as_of, due.time_zone)
        WHERE schedule.name = due.name;
    END LOOP;
    RETURN filed_in_all;
END
$$;

COMMENT ON FUNCTION vigil.run_schedules(timestamptz) IS 'Files the tasks of the schedules that are due, one for each however often it was due, and returns how many. Each is filed once, whoever calls it and however many do. The sidecar calls it all the time; where none is running, pg_cron can.';
