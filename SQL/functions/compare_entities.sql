CREATE FUNCTION vigil.compare_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char", version bigint, seen bigint[],
    OUT missing vigil.mirrored_entity[], OUT changed vigil.mirrored_entity[], OUT is_simple boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
BEGIN
    SELECT array_agg(raw.entity) FILTER (WHERE known.id IS NULL),
        array_agg(raw.entity) FILTER (WHERE known.id IS NOT NULL),
        bool_and(known.type = (raw.entity).type AND vigil.refuse_entity(raw.entity) IS NULL
            AND (mapped & 2 = 0 OR known.value IS NOT DISTINCT FROM (raw.entity).value)) FILTER (WHERE known.id IS NOT NULL)
    INTO missing, changed, is_simple
    FROM (SELECT given AS entity, row_number() OVER () AS nth FROM unnest(mirrored) AS given) AS raw
    LEFT JOIN vigil.entities AS known ON known.attachment_id = attachment AND known.attached_key = (raw.entity).key
    WHERE known.id IS NULL
        OR CASE WHEN mode = 'B' THEN known.attached_version = seen[raw.nth] ELSE known.attached_version < version END
        AND (known.type IS DISTINCT FROM (raw.entity).type
            OR mapped & 1 <> 0 AND known.name IS DISTINCT FROM (raw.entity).name
            OR mapped & 2 <> 0 AND known.value IS DISTINCT FROM (raw.entity).value
            OR mapped & 4 <> 0 AND known.risk_score IS DISTINCT FROM (raw.entity).risk_score
            OR mapped & 8 <> 0 AND known.confidence IS DISTINCT FROM (raw.entity).confidence
            OR mapped & 16 <> 0 AND known.source IS DISTINCT FROM (raw.entity).source
            OR mapped & 32 <> 0 AND known.sources <> coalesce((raw.entity).sources, '{}')
            OR mapped & 64 <> 0 AND known.is_verified <> coalesce((raw.entity).is_verified, false)
            OR mapped & 128 <> 0 AND known.description IS DISTINCT FROM (raw.entity).description
            OR mapped & 256 <> 0 AND known.metadata <> coalesce((raw.entity).metadata, '{}')
            OR mapped & 512 <> 0 AND known.tags <> coalesce((raw.entity).tags, '{}')
            OR mapped & 1024 <> 0 AND known.first_seen IS DISTINCT FROM (raw.entity).first_seen
            OR mapped & 2048 <> 0 AND known.last_seen IS DISTINCT FROM (raw.entity).last_seen
            OR mapped & 4096 <> 0 AND known.is_active <> coalesce((raw.entity).is_active, true));
END
$$;

COMMENT ON FUNCTION vigil.compare_entities(integer, integer, vigil.mirrored_entity[], "char", bigint, bigint[]) IS 'Which rows of an attached table have no entity, and which have one in another, older state. Called by vigil.write_entities().';
