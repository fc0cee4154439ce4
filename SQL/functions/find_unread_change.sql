CREATE FUNCTION vigil.find_unread_change(entity_id bigint)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    feed_snapshot pg_snapshot;
    read_below xid8;
    in_progress xid8[];
    own CONSTANT xid8 := pg_current_xact_id_if_assigned();
    unread xid8[];
BEGIN
    SELECT snapshot, pg_snapshot_xmax(snapshot), ARRAY(SELECT pg_snapshot_xip(snapshot))
    INTO feed_snapshot, read_below, in_progress
    FROM vigil.feed_state;
    IF feed_snapshot IS NULL THEN
        RETURN 'committed';
    END IF;
    -- All unread rows are found by their transaction ids, which are few, and then looked through.
    SELECT array_agg(DISTINCT xid) INTO unread
    FROM (
        SELECT entity.inserted_xid AS xid
        FROM vigil.entities AS entity
        WHERE entity.id = find_unread_change.entity_id
            AND (entity.inserted_xid >= read_below OR entity.inserted_xid = ANY (in_progress))
        UNION ALL
        SELECT relationship.inserted_xid
        FROM vigil.relationships AS relationship
        WHERE (relationship.inserted_xid >= read_below OR relationship.inserted_xid = ANY (in_progress))
            AND find_unread_change.entity_id IN (relationship.source_entity_id, relationship.target_entity_id)
        UNION ALL
        SELECT observation.recorded_xid
        FROM vigil.observation_history AS observation
        WHERE (observation.recorded_xid >= read_below OR observation.recorded_xid = ANY (in_progress))
            AND CASE observation.kind
                WHEN 'e' THEN observation.subject_id = find_unread_change.entity_id
                ELSE find_unread_change.entity_id IN (observation.source_entity_id, observation.target_entity_id) OR EXISTS (
                    SELECT FROM vigil.relationships AS relationship
                    WHERE relationship.id = observation.subject_id
                        AND find_unread_change.entity_id
                            IN (relationship.source_entity_id, relationship.target_entity_id))
                END
    ) AS changes;
    RETURN CASE
        WHEN unread IS NULL THEN NULL
        WHEN unread = ARRAY[own] THEN 'own'
        ELSE 'committed'
    END;
END
$$;

COMMENT ON FUNCTION vigil.find_unread_change(bigint) IS 'Whether the feed has a change of this entity or its relationships still to be read: null if none, own if only the caller''s open transaction has one, else committed.';
