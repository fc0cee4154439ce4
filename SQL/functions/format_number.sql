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
    IF number <> 0 AND abs(number) < 0.0001 THEN
        RETURN to_char(number, 'FM9.9EEEE');
    END IF;
    number := round(number, greatest(digits - greatest(floor(log(greatest(abs(number), 1)))::integer, 0) - 1, 0));
    RETURN trim_scale(number)::text;
END
$$;

COMMENT ON FUNCTION vigil.format_number(jsonb, integer) IS 'A JSON number with this many digits at most, for people.';
