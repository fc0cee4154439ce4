CREATE FUNCTION vigil.parse_cron(
    expression text,
    OUT minutes integer[], OUT hours integer[], OUT days integer[], OUT months integer[], OUT weekdays integer[],
    OUT is_any_day boolean, OUT is_any_weekday boolean, OUT is_frequent boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    written CONSTANT text := lower(btrim(regexp_replace(parse_cron.expression, '[[:space:]]+', ' ', 'g')));
    fields text[];
BEGIN
    fields := string_to_array(CASE written
        WHEN '@yearly' THEN '0 0 1 1 *' WHEN '@annually' THEN '0 0 1 1 *' WHEN '@monthly' THEN '0 0 1 * *'
        WHEN '@weekly' THEN '0 0 * * 0' WHEN '@daily' THEN '0 0 * * *' WHEN '@midnight' THEN '0 0 * * *'
        WHEN '@hourly' THEN '0 * * * *' ELSE written END, ' ');
    IF cardinality(fields) IS DISTINCT FROM 5 OR '' = ANY (fields) THEN
        RAISE EXCEPTION '% is not a cron expression', coalesce(quote_literal(vigil.clean_label("left"(parse_cron.expression, 200))), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('It has %s fields instead of five: minute, hour, day of the month, month, day of the week.',
                    coalesce(cardinality(array_remove(fields, '')), 0)),
                HINT = 'For example ''30 2 * * sun'' for Sundays at 02:30, or one of @hourly, @daily, @weekly, @monthly, @yearly.';
    END IF;
    minutes := vigil.parse_cron_field('minute', fields[1], 0, 59);
    hours := vigil.parse_cron_field('hour', fields[2], 0, 23);
    days := vigil.parse_cron_field('day of the month', fields[3], 1, 31);
    months := vigil.parse_cron_field('month', fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
    weekdays := vigil.parse_cron_field('day of the week', fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}');
    weekdays := ARRAY(SELECT DISTINCT weekday % 7 FROM unnest(weekdays) AS weekday ORDER BY 1);
    -- As cron has it: a field that begins with a star does not count as a choice of days.
    is_any_day := fields[3] LIKE '*%';
    is_any_weekday := fields[5] LIKE '*%';
    is_frequent := fields[1] LIKE '*%' OR fields[2] LIKE '*%';
END
$$;

COMMENT ON FUNCTION vigil.parse_cron(text) IS 'What a cron expression stands for: the minutes, hours, days of the month, months and weekdays (0: Sunday), whether either choice of days is a star, and whether it goes by the running clock because minute or hour is a star. Fails with an error that names the field.';
