CREATE FUNCTION vigil.live_subgraph(anomaly_id uuid, hops integer, node_limit integer)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    anomaly vigil.anomalies;
    centres bigint[];
BEGIN
    SELECT * INTO anomaly FROM vigil.anomalies WHERE id = anomaly_id;
    IF anomaly.subject_kind = 'relationship' THEN
        SELECT array_agg(DISTINCT ends.id) INTO centres
        FROM vigil.relationships AS relationship,
            unnest(ARRAY[relationship.source_entity_id, relationship.target_entity_id]) AS ends (id)
        WHERE relationship.id = anomaly.relationship_id;
    ELSIF anomaly.entity_id IS NOT NULL THEN
        centres := ARRAY[anomaly.entity_id];
    END IF;

    RETURN vigil.gather_subgraph(centres, anomaly.relationship_id, live_subgraph.hops, live_subgraph.node_limit);
END
$$;

COMMENT ON FUNCTION vigil.live_subgraph(uuid, integer, integer) IS 'The graph around an anomaly as it is now, in the form of vigil.anomalies.subgraph.';
