-- With the rights of the owner, for nobody else writes vigil.tasks.
CREATE FUNCTION vigil.report_progress(id bigint, runner text, progress double precision DEFAULT NULL, stage text DEFAULT NULL)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
    WITH beat AS (
        UPDATE vigil.tasks AS task
        SET heartbeat_at = clock_timestamp(),
            lease_until = clock_timestamp() + (vigil.get_setting('task_lease_seconds'))::double precision * interval '1 second',
            progress = CASE WHEN report_progress.progress BETWEEN 0 AND 1 THEN report_progress.progress ELSE task.progress END,
            stage = coalesce("left"(report_progress.stage, 200), task.stage)
        WHERE task.id = report_progress.id AND task.state = 'running' AND task.claimed_by = report_progress.runner
        RETURNING NOT task.cancel_requested AS goes_on
    )
    SELECT coalesce((SELECT beat.goes_on FROM beat), false);
$$;

COMMENT ON FUNCTION vigil.report_progress(bigint, text, double precision, text) IS 'A sign of life of the runner that has a task, and how far it is. False: it is to stop, because somebody has cancelled the task or another runner has taken it; it then calls vigil.release_task().';
