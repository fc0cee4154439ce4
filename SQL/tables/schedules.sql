CREATE TABLE vigil.schedules (
    name text PRIMARY KEY
        CHECK (name <> '' AND length(name) <= 63),
    cron text NOT NULL
        CHECK (length(cron) <= 1000),
    time_zone text NOT NULL DEFAULT 'UTC',
    kind text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    priority integer NOT NULL DEFAULT 0
        CHECK (priority BETWEEN -100 AND 100),
    is_enabled boolean NOT NULL DEFAULT true,
    catch_up_within interval
        CHECK (catch_up_within >= interval '0'),
    last_run_at timestamptz,
    last_task_id bigint,
    next_run_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE vigil.schedules IS 'What is to be done again and again. An administrator changes it by vigil.schedule_task(), vigil.unschedule_task() or as a table. Read it in vigil.schedule_status.';
COMMENT ON COLUMN vigil.schedules.name IS 'Name of the schedule.';
COMMENT ON COLUMN vigil.schedules.cron IS 'When: the five fields of cron (minute, hour, day of the month, month, day of the week), or @hourly, @daily, @weekly, @monthly, @yearly. See vigil.next_cron_time().';
COMMENT ON COLUMN vigil.schedules.time_zone IS 'The time zone of those fields, by its name.';
COMMENT ON COLUMN vigil.schedules.kind IS 'Kind of the tasks.';
COMMENT ON COLUMN vigil.schedules.arguments IS 'Arguments of the tasks.';
COMMENT ON COLUMN vigil.schedules.priority IS 'Priority of the tasks.';
COMMENT ON COLUMN vigil.schedules.is_enabled IS 'False: it rests.';
COMMENT ON COLUMN vigil.schedules.catch_up_within IS 'After a downtime what was missed is done once, however often it was due; with an interval here only if it was last due no longer ago than that.';
COMMENT ON COLUMN vigil.schedules.last_run_at IS 'When it last filed a task.';
COMMENT ON COLUMN vigil.schedules.last_task_id IS 'That task.';
COMMENT ON COLUMN vigil.schedules.next_run_at IS 'When it is due next; null while it rests.';
COMMENT ON COLUMN vigil.schedules.updated_at IS 'When a person last changed it.';
