CREATE FUNCTION vigil.parse_id(value jsonb)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN pg_catalog.jsonb_typeof(value) IN ('number', 'string')
        AND (value #>> '{}') ~ '^[0-9]{1,18}$'
    THEN (value #>> '{}')::bigint
END;

COMMENT ON FUNCTION vigil.parse_id(jsonb) IS 'An id in a JSON document; null if it is not one.';
