-- Not pinned to a search_path: its body is parsed at the installation, and so it can be inlined.
CREATE FUNCTION vigil.refuse_entity(entity vigil.mirrored_entity)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length((entity).key) > 2048 THEN 'the key has more than 2048 bytes'
    WHEN (entity).type IS NULL THEN 'the type is null'
    WHEN octet_length((entity).value) > 2048 THEN 'value has more than 2048 bytes'
    WHEN NOT ((entity).risk_score BETWEEN 0 AND 1) THEN 'risk_score is not within 0 and 1'
    WHEN NOT ((entity).confidence BETWEEN 0 AND 1) THEN 'confidence is not within 0 and 1'
    WHEN jsonb_typeof((entity).metadata) <> 'object' THEN 'metadata is no JSON object'
    WHEN NOT isfinite((entity).first_seen) THEN 'first_seen is infinite'
    WHEN NOT isfinite((entity).last_seen) THEN 'last_seen is infinite'
END;

COMMENT ON FUNCTION vigil.refuse_entity(vigil.mirrored_entity) IS 'Why a row cannot be an entity; null: it can, if its type is known.';
