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
    gathered CONSTANT jsonb := vigil.report_content(begins, ends, make_report.as_of);
    pictures CONSTANT jsonb := (
        -- As they were kept; none is drawn for this.
        SELECT coalesce(jsonb_object_agg(kept.anomaly_id, kept.svg), '{}')
        FROM (
            SELECT DISTINCT ON (rendering.anomaly_id) rendering.anomaly_id, convert_from(rendering.content, 'UTF8') AS svg
            FROM vigil.renderings AS rendering
            -- Everybody who reads the report sees them.
            WHERE vigil.get_setting('picture_labels') = '"all"' AND rendering.format = 'svg' AND rendering.content IS NOT NULL
                AND rendering.anomaly_id IN (SELECT (one ->> 'id')::uuid FROM jsonb_array_elements(gathered -> 'strangest') AS one)
            ORDER BY rendering.anomaly_id, rendering.drawn_at DESC
        ) AS kept);
    made bigint;
BEGIN
    INSERT INTO vigil.reports (period_start, period_end, as_of, content, body, html, requested_by)
    VALUES (begins, ends, make_report.as_of, gathered, vigil.format_report(gathered), vigil.format_report_html(gathered, pictures), vigil.acting_person())
    RETURNING id INTO made;
    RETURN made;
END
$$;

COMMENT ON FUNCTION vigil.make_report(timestamptz, timestamptz, timestamptz) IS 'Makes a report now, stores it in vigil.reports and returns its key. By default of the last 24 hours; with one end of the period, of the 24 hours from or to it. Needs no sidecar.';
