CREATE VIEW vigil.task_status WITH (security_invoker = true) AS
SELECT
    task.id,
    task.kind,
    task.state,
    CASE
        WHEN task.state = 'running' THEN floor(100 * task.progress)::integer || ' %'
        WHEN task.state IN ('queued', 'failed') AND task.run_after > clock_timestamp()
            THEN 'in ' || vigil.format_age(clock_timestamp() - (task.run_after - clock_timestamp()))
        ELSE ''
    END AS progress,
    vigil.format_age(task.created_at) AS filed,
    CASE WHEN task.started_at IS NOT NULL
        THEN vigil.format_number(to_jsonb(extract(epoch FROM coalesce(task.finished_at, clock_timestamp()) - task.started_at)), 3) || ' s' END AS took,
    task.attempts || '/' || task.attempts_max AS tries,
    vigil.clean_label(coalesce(task.schedule, task.requested_by), 12) AS by,
    vigil.clean_label(coalesce(
        CASE WHEN task.state IN ('failed', 'dead') THEN task.error END,
        CASE WHEN task.state = 'running' THEN task.stage END, task.result::text, task.error), 27) AS note
FROM vigil.tasks AS task
ORDER BY task.id DESC;

COMMENT ON VIEW vigil.task_status IS 'The tasks in one line each, the newest first.';
COMMENT ON COLUMN vigil.task_status.id IS 'Key of the task, for vigil.wait_for_task(), vigil.cancel_task() and vigil.retry_task().';
COMMENT ON COLUMN vigil.task_status.kind IS 'What is to be done.';
COMMENT ON COLUMN vigil.task_status.state IS 'queued, running, done, failed (it is tried again), dead (it is not) or cancelled.';
COMMENT ON COLUMN vigil.task_status.progress IS 'Of a running task how much is done, of a waiting one when it is due.';
COMMENT ON COLUMN vigil.task_status.filed IS 'How long ago it was filed.';
COMMENT ON COLUMN vigil.task_status.took IS 'How long the last attempt took, or takes so far.';
COMMENT ON COLUMN vigil.task_status.tries IS 'Attempts so far, and how many there may be.';
COMMENT ON COLUMN vigil.task_status.by IS 'The schedule that it came from, else who asked for it.';
COMMENT ON COLUMN vigil.task_status.note IS 'Why it failed, what is being done, or what came out of it.';
