CREATE FUNCTION vigil.change_relationships(
    attachment integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char", version bigint)
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
    UPDATE vigil.relationships AS known
    SET attached_version = CASE WHEN mode = 'B' THEN known.attached_version ELSE version END,
        type = given.type,
        confidence = CASE WHEN mapped & 1 <> 0 THEN given.confidence ELSE known.confidence END,
        weight = CASE WHEN mapped & 2 <> 0 THEN given.weight ELSE known.weight END,
        sources = CASE WHEN mapped & 4 <> 0 THEN coalesce(given.sources, '{}') ELSE known.sources END,
        evidence = CASE WHEN mapped & 8 <> 0 THEN given.evidence ELSE known.evidence END,
        description = CASE WHEN mapped & 16 <> 0 THEN given.description ELSE known.description END,
        metadata = CASE WHEN mapped & 32 <> 0 THEN coalesce(given.metadata, '{}') ELSE known.metadata END,
        first_observed = CASE WHEN mapped & 64 <> 0 THEN given.first_observed ELSE known.first_observed END,
        last_observed = CASE WHEN mapped & 128 <> 0 THEN given.last_observed WHEN mode = 'B' THEN known.last_observed ELSE now() END,
        verified = CASE WHEN mapped & 256 <> 0 THEN coalesce(given.verified, false) ELSE known.verified END,
        is_active = CASE WHEN mapped & 512 <> 0 THEN coalesce(given.is_active, true) ELSE known.is_active END
    FROM unnest(mirrored) AS given
    WHERE known.attachment_id = attachment AND known.attached_key = given.key
        AND (mode = 'B' OR known.attached_version < version);
END
$$;

COMMENT ON FUNCTION vigil.change_relationships(integer, integer, vigil.mirrored_relationship[], "char", bigint) IS 'Brings mirrored relationships to the state of their rows. Called by vigil.write_relationships().';
