CREATE FUNCTION vigil.compare_relationships(
    attachment integer, sources_in integer, targets_in integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char",
    version bigint, seen bigint[])
RETURNS TABLE (relationship vigil.mirrored_relationship, id bigint, verdict text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    RETURN QUERY
    SELECT judged.relationship, judged.id, judged.verdict
    FROM (
        SELECT raw.relationship, known.id,
            CASE
                WHEN known.id IS NOT NULL
                    AND NOT CASE WHEN mode = 'B' THEN coalesce(known.attached_version = seen[raw.nth], false) ELSE known.attached_version < version END
                    THEN NULL
                WHEN (raw.relationship).source_key IS NULL OR (raw.relationship).target_key IS NULL
                    THEN CASE WHEN known.id IS NOT NULL THEN 'none' END
                WHEN vigil.refuse_relationship(raw.relationship) IS NOT NULL
                    OR NOT EXISTS (SELECT FROM vigil.relationship_types AS known_type WHERE known_type.type = (raw.relationship).type)
                    THEN 'refused'
                WHEN source.id IS NULL OR target.id IS NULL THEN 'astray'
                WHEN known.id IS NULL THEN 'missing'
                WHEN (source.id, target.id) IS DISTINCT FROM (known.source_entity_id, known.target_entity_id) THEN 'moved'
                WHEN known.type IS DISTINCT FROM (raw.relationship).type
                    OR mapped & 1 <> 0 AND known.confidence IS DISTINCT FROM (raw.relationship).confidence
                    OR mapped & 2 <> 0 AND known.weight IS DISTINCT FROM (raw.relationship).weight
                    OR mapped & 4 <> 0 AND known.sources <> coalesce((raw.relationship).sources, '{}')
                    OR mapped & 8 <> 0 AND known.evidence IS DISTINCT FROM (raw.relationship).evidence
                    OR mapped & 16 <> 0 AND known.description IS DISTINCT FROM (raw.relationship).description
                    OR mapped & 32 <> 0 AND known.metadata <> coalesce((raw.relationship).metadata, '{}')
                    OR mapped & 64 <> 0 AND known.first_observed IS DISTINCT FROM (raw.relationship).first_observed
                    OR mapped & 128 <> 0 AND known.last_observed IS DISTINCT FROM (raw.relationship).last_observed
                    OR mapped & 256 <> 0 AND known.verified <> coalesce((raw.relationship).verified, false)
                    OR known.is_active <> CASE WHEN mapped & 512 <> 0 THEN coalesce((raw.relationship).is_active, true) ELSE known.is_active END
                    THEN 'changed'
            END AS verdict
        FROM (SELECT given AS relationship, row_number() OVER () AS nth FROM unnest(mirrored) AS given) AS raw
        LEFT JOIN vigil.relationships AS known
            ON known.attachment_id = attachment AND known.attached_key = (raw.relationship).key
        LEFT JOIN vigil.entities AS source
            ON source.attachment_id = sources_in AND source.attached_key = (raw.relationship).source_key
        LEFT JOIN vigil.entities AS target
            ON target.attachment_id = targets_in AND target.attached_key = (raw.relationship).target_key
    ) AS judged
    WHERE judged.verdict IS NOT NULL;
END
$$;

COMMENT ON FUNCTION vigil.compare_relationships(integer, integer, integer, integer, vigil.mirrored_relationship[], "char", bigint, bigint[]) IS 'What is to be done for rows of an attached table: missing, changed, moved to other ends, astray (an end is not there), refused, or no relationship any more. Called by vigil.write_relationships().';
