CREATE FUNCTION vigil.anomaly(id uuid)
RETURNS SETOF vigil.anomaly_detail
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT * FROM vigil.anomaly_detail AS detail WHERE detail.id = anomaly.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(anomaly.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.anomaly(uuid) IS E'Everything about one anomaly: the row of vigil.anomaly_detail. Reads well with \\x.';
