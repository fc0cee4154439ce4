CREATE FUNCTION vigil.check_length(argument text, value text, length_max integer)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF length(value) > length_max THEN
        RAISE EXCEPTION '% may have % characters at most, not %', argument, length_max, length(value)
            USING ERRCODE = 'string_data_right_truncation';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_length(text, text, integer) IS 'Refuses a text that is too long, and names the limit.';
