-- With the rights of the owner, for nobody else writes vigil.reports.
CREATE FUNCTION vigil.make_report(
    period_start timestamptz DEFAULT NULL, period_end timestamptz DEFAULT NULL, as_of timestamptz DEFAULT now())
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    ends CONSTANT timestamptz := coalesce(make_report.period_end, make_report.period_start + interval '24 hours', make_report.as_of);
    begins CONSTANT timestamptz := coalesce(make_report.period_start, ends - interval '24 hours');
    content CONSTANT jsonb := vigil.report_content(begins, ends, make_report.as_of);
    made bigint;
BEGIN
    INSERT INTO vigil.reports (period_start, period_end, as_of, content, body, html, requested_by)
    VALUES (begins, ends, make_report.as_of, content, vigil.format_report(content), vigil.format_report_html(content), vigil.acting_person())
    RETURNING id INTO made;
    RETURN made;
END
$$;

COMMENT ON FUNCTION vigil.make_report(timestamptz, timestamptz, timestamptz) IS 'Makes a report now, stores it in vigil.reports and returns its key. By default of the last 24 hours; with one end of the period, of the 24 hours from or to it. Needs no sidecar.';
