CREATE FUNCTION vigil.change_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char", version bigint)
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
    affected bigint;
BEGIN
    UPDATE vigil.entities AS known
    SET attached_version = CASE WHEN mode = 'B' THEN known.attached_version ELSE version END,
        type = given.type,
        name = CASE WHEN mapped & 1 <> 0 THEN given.name ELSE known.name END,
        value = CASE WHEN mapped & 2 <> 0 THEN given.value ELSE known.value END,
        risk_score = CASE WHEN mapped & 4 <> 0 THEN given.risk_score ELSE known.risk_score END,
        confidence = CASE WHEN mapped & 8 <> 0 THEN given.confidence ELSE known.confidence END,
        source = CASE WHEN mapped & 16 <> 0 THEN given.source ELSE known.source END,
        sources = CASE WHEN mapped & 32 <> 0 THEN coalesce(given.sources, '{}') ELSE known.sources END,
        is_verified = CASE WHEN mapped & 64 <> 0 THEN coalesce(given.is_verified, false) ELSE known.is_verified END,
        description = CASE WHEN mapped & 128 <> 0 THEN given.description ELSE known.description END,
        metadata = CASE WHEN mapped & 256 <> 0 THEN coalesce(given.metadata, '{}') ELSE known.metadata END,
        tags = CASE WHEN mapped & 512 <> 0 THEN coalesce(given.tags, '{}') ELSE known.tags END,
        first_seen = CASE WHEN mapped & 1024 <> 0 THEN given.first_seen ELSE known.first_seen END,
        last_seen = CASE WHEN mapped & 2048 <> 0 THEN given.last_seen WHEN mode = 'B' THEN known.last_seen ELSE now() END,
        is_active = CASE WHEN mapped & 4096 <> 0 THEN coalesce(given.is_active, true) ELSE known.is_active END
    FROM unnest(mirrored) AS given
    WHERE known.attachment_id = attachment AND known.attached_key = given.key
        AND (mode = 'B' OR known.attached_version < version)
        AND given.type IN (SELECT known_type.type FROM vigil.entity_types AS known_type);
    GET DIAGNOSTICS affected = ROW_COUNT;
    RETURN affected;
END
$$;

COMMENT ON FUNCTION vigil.change_entities(integer, integer, vigil.mirrored_entity[], "char", bigint) IS 'Brings mirrored entities to the state of their rows; returns how many. Called by vigil.write_entities().';
