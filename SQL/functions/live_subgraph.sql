-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables. So a plan made for
-- these very ids would be no other, and is not worth its time.
CREATE FUNCTION vigil.live_subgraph(anomaly_id uuid, hops integer, node_limit integer)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    anomaly vigil.anomalies;
    centres bigint[];
    nodes jsonb;
    edges jsonb;
    ids bigint[];
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

    SELECT array_agg(near.entity_id),
        jsonb_agg(jsonb_build_object(
            'id', near.entity_id, 'hop', near.hop, 'type', entity.type,
            'score', score.anomaly_score, 'severity', score.severity)
            ORDER BY near.hop, near.entity_id)
    INTO ids, nodes
    FROM vigil.find_neighbourhood(coalesce(centres, '{}'), hops, node_limit) AS near
    JOIN vigil.entities AS entity ON entity.id = near.entity_id
    LEFT JOIN vigil.entity_scores AS score ON score.entity_id = near.entity_id;

    SELECT jsonb_agg(jsonb_build_object(
        'id', edge.id, 'source', edge.source_entity_id, 'target', edge.target_entity_id, 'type', edge.type,
        'anomalous', edge.id = anomaly.relationship_id OR own.description IS NOT NULL,
        'reason', own.description) ORDER BY edge.id)
    INTO edges
    FROM (
        SELECT relationship.*
        FROM vigil.relationships AS relationship
        WHERE relationship.source_entity_id = ANY (ids) AND relationship.target_entity_id = ANY (ids)
            AND (relationship.is_active OR relationship.id = anomaly.relationship_id)
        ORDER BY (relationship.id = anomaly.relationship_id) DESC NULLS LAST, relationship.id
        LIMIT 20 * node_limit
    ) AS edge
    LEFT JOIN LATERAL (
        SELECT other.description
        FROM vigil.anomalies AS other
        WHERE other.subject_kind = 'relationship' AND other.subject_id = edge.id AND other.is_active
        -- Not by the index of all scores.
        ORDER BY other.anomaly_score + 0 DESC
        LIMIT 1
    ) AS own ON true;

    RETURN jsonb_build_object(
        'focus_entity', centres[1], 'hops', hops,
        'truncated', coalesce(cardinality(ids), 0) >= node_limit,
        'nodes', coalesce(nodes, '[]'), 'edges', coalesce(edges, '[]'));
END
$$;

COMMENT ON FUNCTION vigil.live_subgraph(uuid, integer, integer) IS 'The graph around an anomaly as it is now, in the form of vigil.anomalies.subgraph.';
