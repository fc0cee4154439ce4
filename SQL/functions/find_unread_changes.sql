CREATE FUNCTION vigil.find_unread_changes(entity_ids bigint[])
RETURNS TABLE (entity_id bigint, unread text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    feed_snapshot pg_snapshot;
    read_below xid8;
    in_progress xid8[];
    own CONSTANT xid8 := pg_current_xact_id_if_assigned();
BEGIN
    SELECT snapshot, pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot))
    INTO feed_snapshot, read_below, in_progress
    FROM vigil.feed_state;
    IF feed_snapshot IS NULL THEN
        RETURN QUERY SELECT DISTINCT id, 'committed' FROM unnest(find_unread_changes.entity_ids) AS id;
        RETURN;
    END IF;
    -- All unread rows are found by their transaction ids, which are few, and then looked through.
    RETURN QUERY
    SELECT touched.id, CASE WHEN bool_and(changes.xid = own) THEN 'own' ELSE 'committed' END
    FROM (
        SELECT entity.inserted_xid AS xid, ARRAY[entity.id] AS ids
        FROM vigil.entities AS entity
        WHERE entity.id = ANY (find_unread_changes.entity_ids)
            AND (entity.inserted_xid >= read_below OR entity.inserted_xid = ANY (in_progress))
        UNION ALL
        SELECT relationship.inserted_xid, ARRAY[relationship.source_entity_id, relationship.target_entity_id]
        FROM vigil.relationships AS relationship
        WHERE relationship.inserted_xid >= read_below OR relationship.inserted_xid = ANY (in_progress)
        UNION ALL
        SELECT observation.recorded_xid,
            CASE WHEN observation.kind = 'e' THEN ARRAY[observation.subject_id]
                ELSE ARRAY[coalesce(observation.source_entity_id, relationship.source_entity_id),
                    coalesce(observation.target_entity_id, relationship.target_entity_id)] END
        FROM vigil.observation_history AS observation
        LEFT JOIN vigil.relationships AS relationship ON observation.kind = 'r' AND relationship.id = observation.subject_id
        WHERE observation.recorded_xid >= read_below OR observation.recorded_xid = ANY (in_progress)
    ) AS changes
    CROSS JOIN LATERAL unnest(changes.ids) AS touched (id)
    WHERE touched.id = ANY (find_unread_changes.entity_ids)
    GROUP BY touched.id;
END
$$;

COMMENT ON FUNCTION vigil.find_unread_changes(bigint[]) IS 'Those of these entities of which, or of whose relationships, the feed has a change still to be read: own if only the caller''s open transaction has one, else committed.';
