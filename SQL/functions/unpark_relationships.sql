CREATE FUNCTION vigil.unpark_relationships(entity_attachment integer, keys text[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    ready record;
    taken bigint := 0;
BEGIN
    FOR ready IN
        WITH candidates AS (
            SELECT parked.attachment_id, parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.source_attachment_id = entity_attachment AND parked.source_key = ANY (keys)
            UNION
            SELECT parked.attachment_id, parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.target_attachment_id = entity_attachment AND parked.target_key = ANY (keys)
        )
        SELECT parked.attachment_id, array_agg(parked.key ORDER BY parked.key) AS keys
        FROM candidates
        JOIN vigil.parked_relationships AS parked USING (attachment_id, key)
        JOIN vigil.entities AS source ON source.attachment_id = parked.source_attachment_id AND source.attached_key = parked.source_key
        JOIN vigil.entities AS target ON target.attachment_id = parked.target_attachment_id AND target.attached_key = parked.target_key
        GROUP BY parked.attachment_id
        ORDER BY parked.attachment_id
    LOOP
        taken := taken + vigil.take_parked(ready.attachment_id, ready.keys);
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.unpark_relationships(integer, text[]) IS 'Makes relationships of the parked rows whose ends are all there now, after these entities have come. Called by vigil.write_entities().';
