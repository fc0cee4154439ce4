-- With the rights of the owner: an analyst assigns, and writes nothing else.
CREATE FUNCTION vigil.assign_incident(id bigint, assignee text DEFAULT vigil.acting_person())
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    root CONSTANT bigint := vigil.check_incident(assign_incident.id);
BEGIN
    PERFORM vigil.check_length('assignee', assign_incident.assignee, 200);
    PERFORM vigil.lock_audit();
    UPDATE vigil.incidents AS incident SET assigned_to = nullif(assign_incident.assignee, '')
    WHERE incident.id = root AND incident.assigned_to IS DISTINCT FROM nullif(assign_incident.assignee, '');
    RETURN vigil.assign_anomalies(
        ARRAY(SELECT line.id FROM vigil.list_anomalies(incident_id => root, page_size => 10000) AS line),
        assign_incident.assignee);
END
$$;

COMMENT ON FUNCTION vigil.assign_incident(bigint, text) IS 'Says who looks after an incident and its open anomalies, also those that join it later: the caller, unless somebody else is named; null: nobody. Returns how many anomalies changed hands.';
