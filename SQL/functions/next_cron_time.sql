CREATE FUNCTION vigil.next_cron_time(expression text, after timestamptz DEFAULT now(), time_zone text DEFAULT 'UTC')
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
DECLARE
    cron record;
    day date;
    first_day date;
    -- The 29th of February on a given weekday can be forty years away, for 2100 is no leap year.
    last_day date;
    found timestamptz;
    best timestamptz;
BEGIN
    SELECT * INTO cron FROM vigil.parse_cron(next_cron_time.expression);
    IF NOT isfinite(next_cron_time.after) THEN
        RETURN NULL;
    END IF;
    first_day := (next_cron_time.after AT TIME ZONE next_cron_time.time_zone)::date;
    last_day := first_day + 41 * 366;
    -- Where clocks are set back at midnight, yesterday is not over when today has begun.
    day := first_day - 1;
    WHILE day <= last_day LOOP
        EXIT WHEN best IS NOT NULL AND day > first_day;
        IF extract(month FROM day)::integer <> ALL (cron.months) THEN
            day := (date_trunc('month', day::timestamp) + interval '1 month')::date;
            CONTINUE;
        END IF;
        -- Both days are chosen: either will do. One of them is a star: both must fit.
        IF (CASE WHEN cron.is_any_day OR cron.is_any_weekday
            THEN extract(day FROM day)::integer = ANY (cron.days) AND extract(dow FROM day)::integer = ANY (cron.weekdays)
            ELSE extract(day FROM day)::integer = ANY (cron.days) OR extract(dow FROM day)::integer = ANY (cron.weekdays) END)
        THEN
            IF cron.is_frequent THEN
                -- By the running clock: what a clock change leaves out does not come, what it repeats comes twice.
                SELECT min(minute) INTO found
                FROM generate_series(
                    greatest((day::timestamp AT TIME ZONE next_cron_time.time_zone) - interval '3 hours', date_trunc('minute', next_cron_time.after)),
                    ((day + 1)::timestamp AT TIME ZONE next_cron_time.time_zone) + interval '3 hours',
                    interval '1 minute') AS minute
                CROSS JOIN LATERAL (SELECT minute AT TIME ZONE next_cron_time.time_zone) AS wall (clock)
                WHERE minute > next_cron_time.after AND wall.clock::date = day
                    AND extract(hour FROM wall.clock)::integer = ANY (cron.hours)
                    AND extract(minute FROM wall.clock)::integer = ANY (cron.minutes);
            ELSE
                -- At a fixed time: once a day, the first time that the clock shows it, or when the clock has jumped over it.
                SELECT min(instant) INTO found
                FROM (
                    SELECT CASE
                        WHEN (times.early AT TIME ZONE next_cron_time.time_zone) = times.clock THEN least(times.early, times.late)
                        WHEN (times.late AT TIME ZONE next_cron_time.time_zone) = times.clock THEN times.late
                        ELSE (
                            SELECT min(minute)
                            FROM generate_series(times.late - interval '26 hours', times.late + interval '26 hours', interval '1 minute') AS minute
                            WHERE (minute AT TIME ZONE next_cron_time.time_zone) > times.clock)
                        END AS instant
                    FROM (
                        SELECT wall.clock, wall.clock AT TIME ZONE next_cron_time.time_zone AS late,
                            -- By the offset of the day before.
                            (wall.clock - (
                                ((wall.clock AT TIME ZONE next_cron_time.time_zone) - interval '24 hours') AT TIME ZONE next_cron_time.time_zone
                                - ((wall.clock AT TIME ZONE next_cron_time.time_zone) - interval '24 hours') AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS early
                        FROM unnest(cron.hours) AS hour, unnest(cron.minutes) AS minute,
                            LATERAL (SELECT day + make_interval(hours => hour, mins => minute)) AS wall (clock)
                    ) AS times
                ) AS candidates
                WHERE instant > next_cron_time.after;
            END IF;
            best := least(best, found);
        END IF;
        day := day + 1;
    END LOOP;
    RETURN best;
END
$$;

COMMENT ON FUNCTION vigil.next_cron_time(text, timestamptz, text) IS 'The first time after the given one at which a cron expression is due in a time zone; null if it never is. Five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or jan-dec), day of the week (0-7 or sun-sat; 0 and 7 are Sunday), each a *, a number, a range, a list or one with a step (*/15). If both day fields are chosen, either will do. When clocks change, a fixed time comes once: when the clock has jumped over it, or the first time that it is shown; with a star for minute or hour the running clock counts.';
