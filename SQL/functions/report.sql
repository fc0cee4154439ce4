CREATE FUNCTION vigil.report(id bigint DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    body text;
BEGIN
    IF report.id IS NULL THEN
        SELECT newest.body INTO body FROM vigil.reports AS newest ORDER BY newest.period_end DESC, newest.id DESC LIMIT 1;
    ELSE
        SELECT found.body INTO body FROM vigil.reports AS found WHERE found.id = report.id;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', coalesce('there is no report ' || report.id, 'there is no report yet')
            USING ERRCODE = 'no_data_found',
                HINT = CASE WHEN report.id IS NULL THEN 'Make one: SELECT vigil.make_report().' ELSE 'See SELECT id, period_start, period_end FROM vigil.reports.' END;
    END IF;
    RETURN body;
END
$$;

COMMENT ON FUNCTION vigil.report(bigint) IS 'A report as text, the latest by default. Read it with psql -XAtc "SELECT vigil.report()"; as a web page it is in vigil.reports.html, as data in vigil.reports.content.';
