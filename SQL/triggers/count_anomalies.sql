CREATE FUNCTION vigil.count_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_id bigint;
    added_count bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM vigil.anomaly_counts;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        WITH counted AS (
            SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type FROM new_rows
            UNION ALL
            SELECT resolved_at, 'closed', severity, anomaly_type FROM new_rows WHERE resolved_at IS NOT NULL
            UNION ALL
            SELECT reviewed_at, verdict, severity, anomaly_type FROM new_rows WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
        ), added AS (
            INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
            SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, count(*)
            FROM counted
            GROUP BY 1, 2, 3, 4
            RETURNING id
        )
        SELECT max(id), count(*) INTO last_id, added_count FROM added;
        -- In an isolation level that cannot skip what others have folded meanwhile, leave it to others.
        IF last_id % 64 < added_count AND current_setting('transaction_isolation') = 'read committed' THEN
            PERFORM vigil.fold_anomaly_counts();
        END IF;
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        WITH counted AS (
            SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type FROM old_rows
            UNION ALL
            SELECT resolved_at, 'closed', severity, anomaly_type FROM old_rows WHERE resolved_at IS NOT NULL
            UNION ALL
            SELECT reviewed_at, verdict, severity, anomaly_type FROM old_rows WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
        )
        INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
        SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, -count(*)
        FROM counted
        GROUP BY 1, 2, 3, 4;
        RETURN NULL;
    END IF;
    -- An update takes the old row away and adds the new one; what did not change cancels out.
    WITH changed AS (
        SELECT -1 AS sign, first_detected, severity, anomaly_type, resolved_at, verdict, reviewed_at FROM old_rows
        UNION ALL
        SELECT 1, first_detected, severity, anomaly_type, resolved_at, verdict, reviewed_at FROM new_rows
    ), counted AS (
        SELECT first_detected AS at, 'found' AS measure, severity, anomaly_type, sign FROM changed
        UNION ALL
        SELECT resolved_at, 'closed', severity, anomaly_type, sign FROM changed WHERE resolved_at IS NOT NULL
        UNION ALL
        SELECT reviewed_at, verdict, severity, anomaly_type, sign FROM changed WHERE verdict IS NOT NULL AND reviewed_at IS NOT NULL
    )
    INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference)
    SELECT (at AT TIME ZONE 'UTC')::date, measure, severity, anomaly_type, sum(sign)
    FROM counted
    GROUP BY 1, 2, 3, 4
    HAVING sum(sign) <> 0;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.count_anomalies() IS 'Trigger function: keeps vigil.anomaly_counts.';

CREATE TRIGGER anomalies_count_inserts
AFTER INSERT ON vigil.anomalies
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_updates
AFTER UPDATE ON vigil.anomalies
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_deletes
AFTER DELETE ON vigil.anomalies
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();

CREATE TRIGGER anomalies_count_truncation
AFTER TRUNCATE ON vigil.anomalies
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.count_anomalies();
