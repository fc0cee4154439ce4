CREATE FUNCTION vigil.get_setting(name text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_value jsonb;
BEGIN
    SELECT setting.value INTO found_value FROM vigil.settings AS setting WHERE setting.name = get_setting.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no setting "%"', get_setting.name
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT name FROM vigil.settings.';
    END IF;
    RETURN found_value;
END
$$;

COMMENT ON FUNCTION vigil.get_setting(text) IS 'The value in force of a setting.';
