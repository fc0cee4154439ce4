CREATE FUNCTION vigil.schedule_task(
    name text, cron text, kind text, arguments jsonb DEFAULT '{}', time_zone text DEFAULT 'UTC', catch_up_within interval DEFAULT NULL)
RETURNS timestamptz
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO vigil.schedules AS schedule (name, cron, time_zone, kind, arguments, catch_up_within)
    VALUES (name, cron, time_zone, kind, arguments, catch_up_within)
    ON CONFLICT ON CONSTRAINT schedules_pkey DO UPDATE
    SET cron = excluded.cron, time_zone = excluded.time_zone, kind = excluded.kind, arguments = excluded.arguments,
        catch_up_within = excluded.catch_up_within, is_enabled = true
    RETURNING schedule.next_run_at;
$$;

COMMENT ON FUNCTION vigil.schedule_task(text, text, text, jsonb, text, interval) IS 'Adds the schedule of this name, or changes it, and returns when it is due: SELECT vigil.schedule_task(''scan'', ''0 */6 * * *'', ''scan_all'').';
