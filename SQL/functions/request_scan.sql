CREATE FUNCTION vigil.request_scan()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('scan_all');
$$;

COMMENT ON FUNCTION vigil.request_scan() IS 'Files the task to judge every entity anew, and returns its key.';
