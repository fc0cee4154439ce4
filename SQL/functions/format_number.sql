CREATE FUNCTION vigil.format_number(value jsonb, digits integer DEFAULT 4)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    number numeric;
BEGIN
    IF value IS NULL OR jsonb_typeof(value) = 'null' THEN
        RETURN '-';
    ELSIF jsonb_typeof(value) <> 'number' THEN
        RETURN vigil.clean_label(value #>> '{}', 16);
    END IF;
    number := value::numeric;
    IF number <> 0 AND abs(number) NOT BETWEEN 0.0001 AND 1e12 THEN
        RETURN btrim(to_char(number, '9.9EEEE'));
    END IF;
    IF number <> 0 THEN
        number := round(number, greatest(digits - floor(log(abs(number)))::integer - 1, 0));
    END IF;
    RETURN trim_scale(number)::text;
END
$$;

COMMENT ON FUNCTION vigil.format_number(jsonb, integer) IS 'A JSON number with this many digits at most, for people.';
