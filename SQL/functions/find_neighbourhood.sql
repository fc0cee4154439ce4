-- By the indexes, whatever the planner takes a neighbourhood for: it is small beside the tables. So a plan made for
-- these very ids would be no other, and is not worth its time.
CREATE FUNCTION vigil.find_neighbourhood(entity_ids bigint[], hops integer, node_limit integer)
RETURNS TABLE (entity_id bigint, hop integer)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    found_ids bigint[] := find_neighbourhood.entity_ids;
    frontier bigint[] := find_neighbourhood.entity_ids;
    neighbours bigint[];
    wanted integer;
BEGIN
    RETURN QUERY SELECT unnest(find_neighbourhood.entity_ids), 0;
    FOR step IN 1..hops LOOP
        wanted := node_limit - cardinality(found_ids);
        EXIT WHEN cardinality(frontier) = 0 OR wanted <= 0;
        -- A hub's relationships are looked through up to a bound, or one picture could take minutes.
        SELECT coalesce(array_agg(neighbour.other ORDER BY neighbour.other), '{}') INTO neighbours
        FROM (
            SELECT source_entity_id AS other FROM (
                SELECT source_entity_id FROM vigil.relationships
                WHERE target_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS inbound
            UNION
            SELECT target_entity_id FROM (
                SELECT target_entity_id FROM vigil.relationships
                WHERE source_entity_id = ANY (frontier) AND is_active LIMIT 20000) AS outbound
        ) AS neighbour
        WHERE (neighbour.other IN (SELECT unnest(found_ids))) IS NOT TRUE;
        -- The strangest first, so that a limit cuts the context and not the finding. Of the many neighbours of a
        -- hub, the few that are wanted are mostly among the strangest of all entities, and these stand in order in
        -- an index: reading four of its entries for each neighbour is cheaper than one look-up for each.
        frontier := '{}';
        IF cardinality(neighbours) > 4 * wanted THEN
            SELECT coalesce(array_agg(nearest.entity_id), '{}') INTO frontier
            FROM (
                SELECT top.entity_id
                FROM (
                    SELECT score.entity_id FROM vigil.entity_scores AS score
                    ORDER BY score.anomaly_score DESC, score.entity_id
                    LIMIT 4 * cardinality(neighbours)
                ) AS top
                -- IS TRUE keeps it a filter by a hash; = ANY would compare with each.
                WHERE (top.entity_id IN (SELECT unnest(neighbours))) IS TRUE
                LIMIT wanted
            ) AS nearest;
        END IF;
        IF cardinality(frontier) < wanted THEN
            SELECT coalesce(array_agg(nearest.other), '{}') INTO frontier
            FROM (
                SELECT neighbour.other
                FROM unnest(neighbours) AS neighbour (other)
                LEFT JOIN vigil.entity_scores AS score ON score.entity_id = neighbour.other
                ORDER BY score.anomaly_score DESC NULLS LAST, neighbour.other
                LIMIT wanted
            ) AS nearest;
        END IF;
        found_ids := found_ids || frontier;
        RETURN QUERY SELECT unnest(frontier), step;
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer) IS 'The entities around these ones on active relationships, with their distance: nearest first, of the same distance the strangest first, at most node_limit.';
