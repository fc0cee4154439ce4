CREATE FUNCTION vigil.split_columns(attached regclass, list text)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part text;
    parts text[];
    named text[] := '{}';
BEGIN
    -- The whole may be the name of one column, whatever is in it.
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = list AND attnum > 0 AND NOT attisdropped) THEN
        RETURN ARRAY[list];
    END IF;
    FOR part IN SELECT btrim(piece[1]) FROM regexp_matches(list, '((?:"(?:[^"]|"")*"|[^",])+)', 'g') AS piece LOOP
        IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = part AND attnum > 0 AND NOT attisdropped) THEN
            BEGIN
                parts := parse_ident(part);
            EXCEPTION WHEN invalid_parameter_value THEN
                RETURN NULL;
            END;
            IF cardinality(parts) <> 1 OR NOT EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = attached AND attname = parts[1] AND attnum > 0 AND NOT attisdropped)
            THEN
                RETURN NULL;
            END IF;
            part := parts[1];
        END IF;
        named := named || part;
    END LOOP;
    RETURN nullif(named, '{}');
END
$$;

COMMENT ON FUNCTION vigil.split_columns(regclass, text) IS 'The columns of a table that a list separated by commas names; null: it names something else.';
