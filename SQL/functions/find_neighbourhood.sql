-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables.
CREATE FUNCTION vigil.find_neighbourhood(entity_ids bigint[], hops integer, node_limit integer)
RETURNS TABLE (entity_id bigint, hop integer)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    found_ids bigint[] := find_neighbourhood.entity_ids;
    frontier bigint[] := find_neighbourhood.entity_ids;
BEGIN
    RETURN QUERY SELECT unnest(find_neighbourhood.entity_ids), 0;
    FOR step IN 1..hops LOOP
        EXIT WHEN cardinality(frontier) = 0 OR cardinality(found_ids) >= node_limit;
        -- The strangest first, so that a limit cuts the context and not the finding. A hub's
        -- relationships are looked through up to a bound, or one picture could take minutes.
        SELECT coalesce(array_agg(other), '{}') INTO frontier
        FROM (
            SELECT neighbour.other
            FROM (
                SELECT source_entity_id AS other FROM (
                    SELECT source_entity_id FROM vigil.relationships
                    WHERE target_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS inbound
                UNION
                SELECT target_entity_id FROM (
                    SELECT target_entity_id FROM vigil.relationships
                    WHERE source_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS outbound
            ) AS neighbour
            LEFT JOIN vigil.entity_scores AS score ON score.entity_id = neighbour.other
            WHERE neighbour.other <> ALL (found_ids)
            ORDER BY score.anomaly_score DESC NULLS LAST, neighbour.other
            LIMIT node_limit - cardinality(found_ids)
        ) AS nearest;
        found_ids := found_ids || frontier;
        RETURN QUERY SELECT unnest(frontier), step;
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer) IS 'The entities around these ones on active relationships, with their distance: nearest first, of the same distance the strangest first, at most node_limit.';
