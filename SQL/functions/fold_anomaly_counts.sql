CREATE FUNCTION vigil.fold_anomaly_counts(rows_max integer DEFAULT 1000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    folded bigint;
BEGIN
    -- Rows that another transaction holds stay for the next time; sums are right at every moment.
    WITH unfolded AS (
        SELECT counts.id, counts.day, counts.measure, counts.severity, counts.anomaly_type
        FROM vigil.anomaly_counts AS counts
        WHERE NOT counts.is_folded
        ORDER BY counts.id
        LIMIT fold_anomaly_counts.rows_max
        FOR UPDATE SKIP LOCKED
    ), sums AS (
        SELECT counts.id
        FROM (SELECT DISTINCT day, measure, severity, anomaly_type FROM unfolded) AS touched
        JOIN vigil.anomaly_counts AS counts USING (day, measure, severity, anomaly_type)
        WHERE counts.is_folded
        FOR UPDATE OF counts SKIP LOCKED
    ), taken AS (
        DELETE FROM vigil.anomaly_counts AS counts
        WHERE counts.id = ANY (ARRAY(SELECT id FROM unfolded UNION ALL SELECT id FROM sums))
        RETURNING counts.day, counts.measure, counts.severity, counts.anomaly_type, counts.difference, counts.is_folded
    ), summed AS (
        INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference, is_folded)
        SELECT day, measure, severity, anomaly_type, sum(difference), true
        FROM taken
        GROUP BY day, measure, severity, anomaly_type
        HAVING sum(difference) <> 0
    )
    SELECT count(*) INTO folded FROM taken WHERE NOT is_folded;
    RETURN folded;
END
$$;

COMMENT ON FUNCTION vigil.fold_anomaly_counts(integer) IS 'Adds up the rows of vigil.anomaly_counts, at most so many at a time, and returns how many. Called now and then as anomalies are found; waits for nobody.';
