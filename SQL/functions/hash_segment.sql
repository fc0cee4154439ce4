-- As vigil.hash_decision(): each field as its length in characters, a colon and its text.
CREATE FUNCTION vigil.hash_segment(
    previous_seal bytea, id bigint, first_seq bigint, last_seq bigint, first_at timestamptz, last_at timestamptz,
    previous_hash bytea, last_hash bytea)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
        COALESCE(pg_catalog.length(field) || ':' || field, '-'), '' ORDER BY position), 'UTF8'))
    FROM pg_catalog.unnest(ARRAY[
        pg_catalog.encode(previous_seal, 'hex'), id::text, first_seq::text, last_seq::text,
        (extract(epoch FROM first_at) * 1000000)::bigint::text, (extract(epoch FROM last_at) * 1000000)::bigint::text,
        pg_catalog.encode(previous_hash, 'hex'), pg_catalog.encode(last_hash, 'hex')]
    ) WITH ORDINALITY AS fields (field, position)
);

COMMENT ON FUNCTION vigil.hash_segment(bytea, bigint, bigint, bigint, timestamptz, timestamptz, bytea, bytea) IS 'The seal of a row of vigil.audit_segments: SHA-256 of the seal before it (zeros for the first) and its fields in this order, each as its length in characters, a colon and its text; hashes in hexadecimal, times in microseconds since 1970.';
