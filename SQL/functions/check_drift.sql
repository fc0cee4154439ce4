CREATE FUNCTION vigil.check_drift()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('drift');
$$;

COMMENT ON FUNCTION vigil.check_drift() IS 'Files the task to compare the data with those that the active model was trained on, and returns its key. Read what came out in vigil.drift_report. A schedule does so daily.';
