CREATE FUNCTION vigil.review_incident(id bigint, verdict text, notes text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.check_incident(review_incident.id);
    RETURN vigil.review_anomalies(
        ARRAY(SELECT line.id FROM vigil.list_anomalies(incident_id => review_incident.id, page_size => 10000) AS line),
        review_incident.verdict, review_incident.notes);
END
$$;

COMMENT ON FUNCTION vigil.review_incident(bigint, text, text) IS 'Records one verdict on all open anomalies of an incident, and returns on how many.';
