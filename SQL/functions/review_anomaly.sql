CREATE FUNCTION vigil.review_anomaly(id uuid, verdict text, notes text DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.review_anomalies(ARRAY[id], verdict, notes);
$$;

COMMENT ON FUNCTION vigil.review_anomaly(uuid, text, text) IS 'Records a verdict on an anomaly: true_positive, false_positive, benign or undecided. A second review replaces the first; vigil.undo_review() takes it back.';
