CREATE FUNCTION vigil.park_relationships_of(ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO vigil.parked_relationships (
        attachment_id, key, source_attachment_id, source_key, target_attachment_id, target_key, relationship, version)
    SELECT touched.attachment_id, touched.attached_key, source.attachment_id, source.attached_key,
        target.attachment_id, target.attached_key,
        ROW(touched.attached_key, source.attached_key, target.attached_key, touched.type, touched.confidence, touched.weight,
            touched.sources, touched.evidence, touched.description, touched.metadata, touched.first_observed,
            touched.last_observed, touched.verified, touched.is_active)::vigil.mirrored_relationship,
        touched.attached_version
    FROM (
        SELECT known.* FROM vigil.relationships AS known WHERE known.source_entity_id = ANY (ids) AND known.attachment_id IS NOT NULL
        UNION ALL
        SELECT known.* FROM vigil.relationships AS known
        WHERE known.target_entity_id = ANY (ids) AND known.source_entity_id <> ALL (ids) AND known.attachment_id IS NOT NULL
    ) AS touched
    JOIN vigil.entities AS source ON source.id = touched.source_entity_id AND source.attachment_id IS NOT NULL
    JOIN vigil.entities AS target ON target.id = touched.target_entity_id AND target.attachment_id IS NOT NULL
    -- A relationship that is parked already has its newer state there.
    ON CONFLICT (attachment_id, key) DO NOTHING;
END
$$;

COMMENT ON FUNCTION vigil.park_relationships_of(bigint[]) IS 'Parks the mirrored relationships of entities that are about to be deleted: their rows are still there. Called by vigil.drop_entities().';
