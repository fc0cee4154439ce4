-- Each field as its length in characters, a colon and its text; null as a minus. So no two rows have the
-- same text, and nothing in it depends on the settings of a session: times are microseconds since 1970.
CREATE FUNCTION vigil.hash_decision(
    previous_hash bytea, seq bigint, at timestamptz, actor text, acting_role text,
    action text, object_kind text, object_id text, before jsonb, after jsonb)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
        COALESCE(pg_catalog.length(field) || ':' || field, '-'), '' ORDER BY position), 'UTF8'))
    FROM pg_catalog.unnest(ARRAY[
        pg_catalog.encode(previous_hash, 'hex'), seq::text, (extract(epoch FROM at) * 1000000)::bigint::text,
        actor, acting_role, action, object_kind, object_id, before::text, after::text]
    ) WITH ORDINALITY AS fields (field, position)
);

COMMENT ON FUNCTION vigil.hash_decision(bytea, bigint, timestamptz, text, text, text, text, text, jsonb, jsonb) IS 'The hash of a row of vigil.audit_log: SHA-256 of its fields in this order, each as its length in characters, a colon and its text, a null as a minus sign; the previous hash in hexadecimal, the time in microseconds since 1970, all in UTF-8.';
