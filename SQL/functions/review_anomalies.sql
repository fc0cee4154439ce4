-- With the rights of the owner: an analyst writes reviews, and nothing else of an anomaly. A lock that
-- is not to be had fails the analyst's call before the server could take it for a deadlock and end the
-- sidecar's transaction instead.
CREATE FUNCTION vigil.review_anomalies(ids uuid[], verdict text, notes text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    reviewed_count integer;
BEGIN
    IF review_anomalies.verdict IS NULL
        OR review_anomalies.verdict NOT IN ('true_positive', 'false_positive', 'benign', 'undecided')
    THEN
        RAISE EXCEPTION 'there is no verdict %', coalesce(quote_literal(vigil.clean_label("left"(review_anomalies.verdict, 200))), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Use true_positive, false_positive, benign or undecided.';
    END IF;
    PERFORM vigil.check_length('notes', review_anomalies.notes, 10000);
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(review_anomalies.ids);
    INSERT INTO vigil.reviews (anomaly_id, verdict, notes, reviewed_by, reviewed_at)
    SELECT DISTINCT given.id, review_anomalies.verdict, review_anomalies.notes, vigil.acting_person(), now()
    FROM unnest(review_anomalies.ids) AS given (id);
    UPDATE vigil.anomalies AS anomaly
    SET reviewed = true,
        verdict = review_anomalies.verdict,
        review_notes = review_anomalies.notes,
        reviewed_by = vigil.acting_person(),
        reviewed_at = now()
    WHERE anomaly.id = ANY (review_anomalies.ids);
    GET DIAGNOSTICS reviewed_count = ROW_COUNT;
    RETURN reviewed_count;
END
$$;

COMMENT ON FUNCTION vigil.review_anomalies(uuid[], text, text) IS 'Records one verdict on several anomalies, on all or on none, and returns on how many.';
