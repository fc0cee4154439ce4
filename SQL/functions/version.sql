CREATE FUNCTION vigil.version()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN '@VIGIL_VERSION@'::text;

COMMENT ON FUNCTION vigil.version() IS 'The version of Vigil that is installed in this database.';
