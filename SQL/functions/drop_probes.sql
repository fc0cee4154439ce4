CREATE FUNCTION vigil.drop_probes()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('pg_temp.vigil_probe') IS NOT NULL THEN
        DROP VIEW pg_temp.vigil_probe;
    END IF;
    IF to_regclass('pg_temp.vigil_key_probe') IS NOT NULL THEN
        DROP VIEW pg_temp.vigil_key_probe;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_probes() IS 'Removes the temporary views with which the server parses expressions. Called by vigil.attach_entities() and vigil.attach_relationships().';
