CREATE FUNCTION vigil.assign_anomaly(id uuid, assignee text DEFAULT vigil.acting_person())
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.assign_anomalies(ARRAY[id], assignee);
$$;

COMMENT ON FUNCTION vigil.assign_anomaly(uuid, text) IS 'Says who looks after an anomaly: the caller, unless somebody else is named; null: nobody.';
