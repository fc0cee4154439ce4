-- Every archive of pg_dump begins with SET row_security = off. Who is not the owner gains nothing by
-- setting it too: their statements on tables with policies then fail, and the functions that
-- decide with the rights of the owner pin it to on.
CREATE FUNCTION vigil.is_restoring()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.current_setting('row_security') = 'off';

COMMENT ON FUNCTION vigil.is_restoring() IS 'Whether this session restores a dump: then rows are taken as they come, and are no decisions.';
