CREATE FUNCTION vigil.retrain(
    seed bigint DEFAULT 1, trees integer DEFAULT 100, sample_size integer DEFAULT 256, contamination double precision DEFAULT 0.02,
    activate boolean DEFAULT true, challenge boolean DEFAULT false)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('retrain', jsonb_build_object(
        'seed', seed, 'trees', trees, 'sample_size', sample_size, 'contamination', contamination, 'activate', activate)
        || CASE WHEN challenge THEN '{"challenge": true}' ELSE '{}' END::jsonb);
$$;

COMMENT ON FUNCTION vigil.retrain(bigint, integer, integer, double precision, boolean, boolean) IS 'Files the task to train a new entity model on the graph as it is, and to make it the active one unless activate is false, or the challenger of the active one if challenge is true; returns its key. Trees and sample_size are those of the isolation forest, contamination is the share of the rows dropped as the strangest before the second pass. For administrators; recorded in vigil.audit_log.';
