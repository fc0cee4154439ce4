-- With the rights of the owner: an analyst assigns, and writes nothing else of an anomaly.
CREATE FUNCTION vigil.assign_anomalies(ids uuid[], assignee text DEFAULT vigil.acting_person())
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    assigned_count integer;
BEGIN
    PERFORM vigil.check_length('assignee', assign_anomalies.assignee, 200);
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(assign_anomalies.ids);
    UPDATE vigil.anomalies AS anomaly SET assigned_to = nullif(assign_anomalies.assignee, '')
    WHERE anomaly.id = ANY (assign_anomalies.ids) AND anomaly.assigned_to IS DISTINCT FROM nullif(assign_anomalies.assignee, '');
    GET DIAGNOSTICS assigned_count = ROW_COUNT;
    RETURN assigned_count;
END
$$;

COMMENT ON FUNCTION vigil.assign_anomalies(uuid[], text) IS 'Says who looks after these anomalies: the caller, unless somebody else is named; null: nobody. Returns how many changed hands.';
