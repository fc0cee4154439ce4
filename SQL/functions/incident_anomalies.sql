CREATE FUNCTION vigil.incident_anomalies(id bigint, state text DEFAULT 'all', page_size integer DEFAULT 100)
RETURNS SETOF vigil.anomaly_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.check_incident(incident_anomalies.id);
    RETURN QUERY SELECT * FROM vigil.list_anomalies(
        incident_id => incident_anomalies.id, state => incident_anomalies.state, page_size => incident_anomalies.page_size);
END
$$;

COMMENT ON FUNCTION vigil.incident_anomalies(bigint, text, integer) IS 'The anomalies of an incident, the strangest first; also those of incidents that were merged into it.';
