-- With the rights of the owner: an analyst merges, and writes nothing else.
CREATE FUNCTION vigil.merge_incidents(kept bigint, merged bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    kept_root bigint := vigil.check_incident(merge_incidents.kept);
    merged_roots bigint[];
    merged_count integer;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT array_agg(DISTINCT vigil.check_incident(given.id)) INTO merged_roots
    FROM unnest(merge_incidents.merged) AS given (id);
    -- Under these locks nothing is merged into or out of them meanwhile.
    PERFORM FROM vigil.incidents AS incident
    WHERE incident.id = kept_root OR incident.id = ANY (merged_roots)
    ORDER BY incident.id FOR UPDATE;
    kept_root := vigil.check_incident(kept_root);
    UPDATE vigil.incidents AS incident SET merged_into = kept_root, merged_at = now()
    WHERE incident.id <> kept_root AND incident.merged_into IS DISTINCT FROM kept_root
        AND (incident.id = ANY (merged_roots) OR incident.merged_into = ANY (merged_roots));
    GET DIAGNOSTICS merged_count = ROW_COUNT;
    IF merged_count > 0 THEN
        PERFORM vigil.record_decision('merge incidents', 'incident', kept_root::text, NULL, jsonb_build_object('merged', to_jsonb(merged_roots)));
    END IF;
    RETURN merged_count;
END
$$;

COMMENT ON FUNCTION vigil.merge_incidents(bigint, bigint[]) IS 'Makes several incidents a part of one. Returns how many became a part of it.';
