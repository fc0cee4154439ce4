-- Cron expressions: what they stand for, when they are due, and what is wrong with one.
SET SESSION AUTHORIZATION regress_vigil_owner;
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE FUNCTION pg_temp.due(expression text, after timestamptz, zone text DEFAULT 'UTC', times integer DEFAULT 3) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := after;
    list text := '';
BEGIN
    FOR nth IN 1..times LOOP
        at := vigil.next_cron_time(expression, at, zone);
        EXIT WHEN at IS NULL;
        list := list || to_char(at AT TIME ZONE zone, 'Dy YYYY-MM-DD HH24:MI') || to_char(at, '"="HH24:MI"Z "');
    END LOOP;
    RETURN list;
END
$$;
SELECT * FROM vigil.parse_cron('*/20 8-17/3 1,15 jan-mar mon-fri') \gx
SELECT expression, minutes, hours, weekdays, is_any_day, is_any_weekday, is_frequent
FROM unnest('{"5 4 * * sun","5 4 * * 7","0 0 1 * fri-sun","  @daily ","0  12	*/2 * 1","0,0,30 6 * * 5-7"}'::text[]) AS expression, vigil.parse_cron(expression);
SELECT expression, pg_temp.due(expression, '2026-02-27 10:30:00.5Z') FROM unnest('{
    "* * * * *", "*/15 * * * *", "0 6 * * *", "30 2 * * sun", "0 0 31 * *", "0 0 29 2 *", "0 0 1 jan *", "59 23 28-31 * *", "0 12 1-7 * mon", "0 12 */2 * mon",
    "@hourly", "@weekly", "@monthly", "@yearly"}'::text[]) AS expression;
-- Both days are chosen: either will do, as in cron; a star in one, even with a step: both must fit.
SELECT pg_temp.due('0 0 13 * fri', '2026-01-01Z', times => 6), pg_temp.due('0 0 */100 * fri', '2026-01-31Z', times => 2);
-- Far away, and never.
SELECT pg_temp.due('0 0 29 2 *', '2096-03-01Z', times => 1) AS no_leap_year, pg_temp.due('0 0 29 2 */7', '2072-03-01Z', times => 1) AS a_sunday, vigil.next_cron_time('0 0 30 2 *') AS never;
SELECT vigil.next_cron_time('* * * * *', 'infinity'), vigil.next_cron_time(NULL);
-- Strictly later.
SELECT vigil.next_cron_time('0 6 * * *', '2026-05-05 06:00Z') AS tomorrow, vigil.next_cron_time('0 6 * * *', '2026-05-05 05:59:59.999999Z') AS today;
-- Clocks go forward (2026-03-08 02:00 to 03:00 in New York): what was jumped over comes at the end of the gap, once.
SELECT pg_temp.due('30 2 * * *', '2026-03-07 12:00Z', 'America/New_York'), pg_temp.due('10,40 2 * * *', '2026-03-08 00:00Z', 'America/New_York');
SELECT pg_temp.due('*/30 * * * *', '2026-03-08 06:15Z', 'America/New_York', 4), pg_temp.due('*/30 2 * * *', '2026-03-07 12:00Z', 'America/New_York', 3);
-- Clocks go back (2026-11-01 02:00 to 01:00): a fixed time comes the first time, a star both times.
SELECT pg_temp.due('30 1 * * *', '2026-10-31 12:00Z', 'America/New_York'), pg_temp.due('30 * * * *', '2026-11-01 04:45Z', 'America/New_York', 4);
SELECT pg_temp.due('30 0 * * *', '2026-10-31 12:00Z', 'America/New_York', 2), pg_temp.due('*/30 1 * * *', '2026-11-01 05:00Z', 'America/New_York', 5);
-- Half an hour (Lord Howe), at midnight (Havana), a whole day left out (Apia, 2011-12-30).
SELECT pg_temp.due('15 2 * * *', '2026-10-03 00:00Z', 'Australia/Lord_Howe', 2), pg_temp.due('45 1 * * *', '2026-04-03 16:00Z', 'Australia/Lord_Howe', 2);
SELECT pg_temp.due('30 0 * * *', '2026-03-07 12:00Z', 'America/Havana', 2), pg_temp.due('30 0 * * *', '2026-10-31 12:00Z', 'America/Havana', 2), pg_temp.due('*/30 0 * * *', '2026-10-31 12:00Z', 'America/Havana', 5);
SELECT pg_temp.due('0 12 * * *', '2011-12-28 12:00Z', 'Pacific/Apia', 3), pg_temp.due('0 */12 * * *', '2011-12-29 12:00Z', 'Pacific/Apia', 4);
-- Each time is due exactly once, whichever way one comes to it: against the plain definition, minute by minute.
SELECT expression, zone, count(*) AS minutes, count(*) FILTER (WHERE is_due <> is_next) AS wrong
FROM unnest('{"*/7 * * * *","0 */5 * * *","13 * 10-20 3,11 *","* 2 8 3 *","*/10 * 8 * sun"}'::text[]) AS expression,
    unnest('{America/New_York,Asia/Kathmandu}'::text[]) AS zone,
    LATERAL vigil.parse_cron(expression) AS cron,
    generate_series('2026-03-08 06:40Z'::timestamptz, '2026-03-08 07:20Z', '1 minute') AS minute,
    LATERAL (SELECT minute AT TIME ZONE zone AS wall) AS clock,
    LATERAL (SELECT extract(minute FROM wall)::integer = ANY (cron.minutes) AND extract(hour FROM wall)::integer = ANY (cron.hours)
        AND extract(day FROM wall)::integer = ANY (cron.days) AND extract(month FROM wall)::integer = ANY (cron.months) AND extract(dow FROM wall)::integer = ANY (cron.weekdays) AS is_due) AS plain,
    LATERAL (SELECT vigil.next_cron_time(expression, minute - interval '1 second', zone) = minute AS is_next) AS own
GROUP BY expression, zone ORDER BY expression, zone;
-- What is wrong is named.
CREATE FUNCTION pg_temp.complaint(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    PERFORM vigil.parse_cron(expression);
    RETURN 'none';
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;
SELECT pg_temp.complaint(expression) FROM unnest(ARRAY['60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '* * * foo *', '* * * * mon-xyz', '5/10 * * * *', '*/0 * * * *',
    '30-10 * * * *', '* * * * fri-mon', '1,,2 * * * *', '*-5 * * * *', '-1 * * * *', '* * * *', '* * * * * *', '', NULL, '@reboot', E'\x1b[31m* * * * %s', '99999999999 * * * *',
    '* * * * ' || repeat('1', 5000)]) AS expression;
-- As a table: what cannot be understood is not written.
\set VERBOSITY default
SELECT name, cron, time_zone, kind, is_enabled, next_run_at > now() AS is_later FROM vigil.schedules ORDER BY name;
SELECT vigil.schedule_task('scan', '0 */6 * * *', 'scan_all', time_zone => 'europe/berlin') > now() AS is_later;
SELECT time_zone FROM vigil.schedules WHERE name = 'scan';
SELECT vigil.schedule_task('bad', '0 0 30 feb *', 'scan_all');
SELECT vigil.schedule_task('bad', '0 0 * * *', 'scan_all', time_zone => 'UTC+3');
SELECT vigil.schedule_task('bad', '0 0 * * *', 'scan_all', time_zone => NULL);
SELECT vigil.schedule_task('bad', '0 0 * * *', 'dance');
SELECT vigil.schedule_task('bad', '0 0 * * *', 'scan_all', '{"fast": true}');
SELECT vigil.unschedule_task('bad');
UPDATE vigil.schedules SET is_enabled = false WHERE name = 'scan' RETURNING next_run_at;
UPDATE vigil.schedules SET is_enabled = true, cron = '@hourly' WHERE name = 'scan' RETURNING next_run_at <= now() + interval '1 hour' AS within_an_hour;
UPDATE vigil.schedules SET cron = '61 * * * *' WHERE name = 'scan';
SELECT action, object_id, after ->> 'cron' AS cron, after -> 'is_enabled' AS enabled FROM vigil.audit_log WHERE object_kind = 'schedule' AND object_id = 'scan' ORDER BY seq;

-- Due: filed once, though it was missed ten times; then again at its next time.
DELETE FROM vigil.schedules WHERE name <> 'scan';
UPDATE vigil.schedules SET next_run_at = now() - interval '10 hours' WHERE name = 'scan';
SELECT vigil.run_schedules() AS filed, vigil.run_schedules() AS again;
SELECT kind, state, requested_by, schedule, run_after < now() - interval '9 hours' AS as_it_was_due FROM vigil.tasks;
SELECT last_run_at = task.created_at OR last_run_at >= task.created_at AS run, next_run_at > now() AS later FROM vigil.schedules JOIN vigil.tasks AS task ON task.id = last_task_id;
-- What still waits is not put behind itself; afterwards it goes on.
UPDATE vigil.schedules SET next_run_at = now() - interval '1 minute';
SELECT vigil.run_schedules() AS filed;
UPDATE vigil.tasks SET state = 'done', finished_at = now();
UPDATE vigil.schedules SET next_run_at = now() - interval '1 minute';
SELECT vigil.run_schedules() AS filed;
UPDATE vigil.tasks SET state = 'done', finished_at = now() WHERE state = 'queued';
-- Too late is left out where that is wanted.
UPDATE vigil.schedules SET cron = '0 0 1 1 *', time_zone = 'UTC', catch_up_within = '1 minute';
UPDATE vigil.schedules SET next_run_at = '2020-01-01Z';
SELECT vigil.run_schedules('2026-06-01Z') AS filed;
SELECT next_run_at FROM vigil.schedules;
UPDATE vigil.schedules SET next_run_at = '2020-01-01Z';
SELECT vigil.run_schedules('2026-01-01 00:00:30Z') AS filed;
-- A task that cannot be filed does not stop the others.
SELECT vigil.schedule_task('broken', '@hourly', 'scan_all') IS NOT NULL AS scheduled;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'short-lived');
SELECT vigil.schedule_task('broken', '@hourly', 'detect', jsonb_build_object('entity_ids', ARRAY[id])) IS NOT NULL AS scheduled FROM vigil.entities;
DELETE FROM vigil.entities;
DELETE FROM vigil.schedules WHERE name = 'scan';
SELECT vigil.schedule_task('other', '@hourly', 'scan_all') IS NOT NULL AS scheduled;
UPDATE vigil.schedules SET next_run_at = now() - interval '1 second';
SELECT vigil.run_schedules() AS filed;
SELECT name, kind, cron, time_zone, enabled, last, last_state FROM vigil.schedule_status ORDER BY name;
DELETE FROM vigil.schedules;
DELETE FROM vigil.tasks;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
