CREATE FUNCTION vigil.anomaly_cursor(id uuid, order_by text DEFAULT 'score')
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
RETURN (
    SELECT CASE anomaly_cursor.order_by
        WHEN 'score' THEN format('%s/%s/%s', anomaly.anomaly_score, (extract(epoch FROM anomaly.first_detected) * 1000000)::bigint, anomaly.id)
        WHEN 'time' THEN format('%s/%s', (extract(epoch FROM anomaly.last_detected) * 1000000)::bigint, anomaly.id)
    END
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.id = anomaly_cursor.id
);

COMMENT ON FUNCTION vigil.anomaly_cursor(uuid, text) IS 'The place of an anomaly in the order by score or time, for the argument after of vigil.list_anomalies(). Unlike the id alone it stays where it is when the anomaly is detected again with another score.';
