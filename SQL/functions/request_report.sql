CREATE FUNCTION vigil.request_report(period_start timestamptz DEFAULT NULL, period_end timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('daily_report', jsonb_build_object('period_start', period_start, 'period_end', period_end));
$$;

COMMENT ON FUNCTION vigil.request_report(timestamptz, timestamptz) IS 'Files the task to make a report, and returns its key. By default of the 24 hours that end when it is filed. vigil.make_report() makes it at once, also where no sidecar is running.';
