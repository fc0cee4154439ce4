CREATE FUNCTION vigil.anomaly_stats(days integer DEFAULT 30)
RETURNS TABLE (
    day date, found bigint, critical bigint, high bigint, medium bigint, low bigint,
    closed bigint, reviewed bigint, dismissed bigint, average numeric, trend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF anomaly_stats.days IS NULL OR anomaly_stats.days NOT BETWEEN 1 AND 3660 THEN
        RAISE EXCEPTION 'days must be from 1 to 3660, not %', coalesce(anomaly_stats.days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH counted AS (
        SELECT counts.day,
            coalesce(sum(difference) FILTER (WHERE measure = 'found'), 0)::bigint AS found,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'critical'), 0)::bigint AS critical,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'high'), 0)::bigint AS high,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'medium'), 0)::bigint AS medium,
            coalesce(sum(difference) FILTER (WHERE measure = 'found' AND severity = 'low'), 0)::bigint AS low,
            coalesce(sum(difference) FILTER (WHERE measure = 'closed'), 0)::bigint AS closed,
            coalesce(sum(difference) FILTER (WHERE measure NOT IN ('found', 'closed')), 0)::bigint AS reviewed,
            coalesce(sum(difference) FILTER (WHERE measure IN ('false_positive', 'benign')), 0)::bigint AS dismissed
        FROM vigil.anomaly_counts AS counts
        -- Six days more, for the first average.
        WHERE counts.day BETWEEN today - anomaly_stats.days - 5 AND today
        GROUP BY counts.day
    ), every_day AS (
        SELECT today - back AS day FROM generate_series(0, anomaly_stats.days + 5) AS back
    ), lines AS (
        SELECT every_day.day, coalesce(counted.found, 0) AS found, coalesce(counted.critical, 0) AS critical,
            coalesce(counted.high, 0) AS high, coalesce(counted.medium, 0) AS medium, coalesce(counted.low, 0) AS low,
            coalesce(counted.closed, 0) AS closed, coalesce(counted.reviewed, 0) AS reviewed,
            coalesce(counted.dismissed, 0) AS dismissed,
            round(avg(coalesce(counted.found, 0)) OVER (ORDER BY every_day.day ROWS 6 PRECEDING), 1) AS average
        FROM every_day
        LEFT JOIN counted ON counted.day = every_day.day
    )
    SELECT lines.*,
        repeat('#', coalesce(ceil(16.0 * lines.found / nullif(max(lines.found) OVER (), 0)), 0)::integer)
    FROM lines
    WHERE lines.day > today - anomaly_stats.days
    ORDER BY lines.day DESC;
END
$$;

COMMENT ON FUNCTION vigil.anomaly_stats(integer) IS 'Anomalies by day (in UTC), today first: found, of which severity, closed, reviewed, of these dismissed as false positive or benign; the average found over the week that ends that day, and a bar.';
