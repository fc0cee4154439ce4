CREATE FUNCTION vigil.root_incident(incident_id bigint)
RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(incident.merged_into, incident.id) FROM vigil.incidents AS incident WHERE incident.id = root_incident.incident_id);

COMMENT ON FUNCTION vigil.root_incident(bigint) IS 'The incident that this one is a part of by now; itself if it was not merged; null if there is none.';
