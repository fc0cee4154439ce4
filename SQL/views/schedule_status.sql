CREATE VIEW vigil.schedule_status WITH (security_invoker = true) AS
SELECT
    vigil.clean_label(schedule.name, 20) AS name,
    schedule.kind,
    vigil.clean_label(schedule.cron, 20) AS cron,
    vigil.clean_label(schedule.time_zone, 20) AS time_zone,
    schedule.is_enabled AS enabled,
    to_char(schedule.next_run_at, 'YYYY-MM-DD HH24:MI') AS next,
    vigil.format_age(schedule.last_run_at) AS last,
    task.state AS last_state
FROM vigil.schedules AS schedule
LEFT JOIN vigil.tasks AS task ON task.id = schedule.last_task_id
ORDER BY schedule.next_run_at, schedule.name;

COMMENT ON VIEW vigil.schedule_status IS 'The schedules in one line each, the one that is due next first.';
COMMENT ON COLUMN vigil.schedule_status.name IS 'Name of the schedule.';
COMMENT ON COLUMN vigil.schedule_status.kind IS 'Kind of its tasks.';
COMMENT ON COLUMN vigil.schedule_status.cron IS 'When.';
COMMENT ON COLUMN vigil.schedule_status.time_zone IS 'In which time zone.';
COMMENT ON COLUMN vigil.schedule_status.enabled IS 'False: it rests.';
COMMENT ON COLUMN vigil.schedule_status.next IS 'When it is due next, in the time zone of the session.';
COMMENT ON COLUMN vigil.schedule_status.last IS 'How long ago it last filed a task.';
COMMENT ON COLUMN vigil.schedule_status.last_state IS 'State of that task.';
