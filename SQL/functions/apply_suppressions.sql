CREATE FUNCTION vigil.apply_suppressions(changed vigil.suppressions)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open_again bigint;
BEGIN
    -- Those that the suppression has, or could have: each is then looked up anew.
    WITH concerned AS MATERIALIZED (
        SELECT anomaly.id, vigil.find_suppression(anomaly) AS suppression
        FROM vigil.anomalies AS anomaly
        WHERE anomaly.is_active AND (
            anomaly.suppressed_by = changed.id
            OR ((changed.entity_id IS NULL OR (anomaly.subject_kind = 'entity' AND anomaly.subject_id = changed.entity_id))
                AND (changed.relationship_id IS NULL OR (anomaly.subject_kind = 'relationship' AND anomaly.subject_id = changed.relationship_id))
                AND (changed.subject_type IS NULL OR anomaly.subject_type = changed.subject_type)
                AND (changed.anomaly_type IS NULL OR anomaly.anomaly_type = changed.anomaly_type)
                AND (changed.indicator IS NULL OR anomaly.indicators = ARRAY[changed.indicator])
                AND (changed.name_pattern IS NULL OR anomaly.subject_name ILIKE changed.name_pattern)))
        ORDER BY anomaly.id
        FOR UPDATE OF anomaly
    ), changed_now AS (
        UPDATE vigil.anomalies AS anomaly
        SET suppressed_by = (concerned.suppression).id, suppressed_until = (concerned.suppression).expires_at
        FROM concerned
        WHERE anomaly.id = concerned.id
            AND (anomaly.suppressed_by, anomaly.suppressed_until)
                IS DISTINCT FROM ((concerned.suppression).id, (concerned.suppression).expires_at)
        RETURNING anomaly.suppressed_by
    )
    SELECT count(*) INTO open_again FROM changed_now WHERE suppressed_by IS NULL;
    RETURN open_again;
EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'another transaction holds one of the anomalies concerned'
        USING ERRCODE = 'lock_not_available', HINT = 'Try again; the sidecar holds one for milliseconds only.';
END
$$;

COMMENT ON FUNCTION vigil.apply_suppressions(vigil.suppressions) IS 'Brings the open anomalies that a new or lifted suppression concerns up to date; returns how many of them are under no suppression any more.';
