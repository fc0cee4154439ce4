CREATE FUNCTION vigil.key_expression(parts text[], types text[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    casts CONSTANT text[] := ARRAY(
        SELECT CASE WHEN type LIKE 'numeric%' THEN format('pg_catalog.trim_scale((%s)::numeric)::text', part)
            ELSE format('((%s)::%s)::text', part, type) END
        FROM unnest(parts, types) WITH ORDINALITY AS pair (part, type, nth) ORDER BY nth);
BEGIN
    IF cardinality(casts) = 1 THEN
        RETURN casts[1];
    END IF;
    RETURN format('CASE WHEN pg_catalog.num_nulls(%s) = 0 THEN ROW(%s)::text END',
        array_to_string(parts, ', '), array_to_string(casts, ', '));
END
$$;

COMMENT ON FUNCTION vigil.key_expression(text[], text[]) IS 'Expression that makes a key of these types as text of these expressions: the same text for the key of a row and for the references to it.';
