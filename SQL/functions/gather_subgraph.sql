-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables. So a plan made for
-- these very ids would be no other, and is not worth its time.
CREATE FUNCTION vigil.gather_subgraph(centres bigint[], relationship_id bigint, hops integer, node_limit integer)
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
    nodes jsonb;
    edges jsonb;
    ids bigint[];
BEGIN
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
        'anomalous', coalesce(edge.id = gather_subgraph.relationship_id, false) OR own.description IS NOT NULL,
        'reason', own.description) ORDER BY edge.id)
    INTO edges
    FROM (
        SELECT relationship.*
        FROM vigil.relationships AS relationship
        WHERE relationship.source_entity_id = ANY (ids) AND relationship.target_entity_id = ANY (ids)
            AND (relationship.is_active OR relationship.id = gather_subgraph.relationship_id)
        ORDER BY (relationship.id = gather_subgraph.relationship_id) DESC NULLS LAST, relationship.id
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

COMMENT ON FUNCTION vigil.gather_subgraph(bigint[], bigint, integer, integer) IS 'The graph around these entities as it is now, in the form of vigil.anomalies.subgraph: the strangest first where node_limit cuts; relationship_id is marked, and shown also where it is not active.';
