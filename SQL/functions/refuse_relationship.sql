-- Not pinned to a search_path: its body is parsed at the installation, and so it can be inlined.
CREATE FUNCTION vigil.refuse_relationship(relationship vigil.mirrored_relationship)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length((relationship).key) > 2048 THEN 'the key has more than 2048 bytes'
    WHEN octet_length((relationship).source_key) > 2048 THEN 'the key of the source has more than 2048 bytes'
    WHEN octet_length((relationship).target_key) > 2048 THEN 'the key of the target has more than 2048 bytes'
    WHEN (relationship).type IS NULL THEN 'the type is null'
    WHEN NOT ((relationship).confidence BETWEEN 0 AND 1) THEN 'confidence is not within 0 and 1'
    WHEN NOT ((relationship).weight > '-Infinity' AND (relationship).weight < 'Infinity') THEN 'weight is not finite'
    WHEN jsonb_typeof((relationship).metadata) <> 'object' THEN 'metadata is no JSON object'
    WHEN NOT isfinite((relationship).first_observed) THEN 'first_observed is infinite'
    WHEN NOT isfinite((relationship).last_observed) THEN 'last_observed is infinite'
END;

COMMENT ON FUNCTION vigil.refuse_relationship(vigil.mirrored_relationship) IS 'Why a row cannot be a relationship; null: it can, if its type is known.';
