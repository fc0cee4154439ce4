CREATE FUNCTION vigil.review_anomaly(id uuid, verdict text, notes text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF review_anomaly.verdict IS NULL
        OR review_anomaly.verdict NOT IN ('true_positive', 'false_positive', 'benign', 'undecided')
    THEN
        RAISE EXCEPTION 'there is no verdict %', coalesce(quote_literal(review_anomaly.verdict), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Use true_positive, false_positive, benign or undecided.';
    END IF;
    UPDATE vigil.anomalies AS anomaly
    SET reviewed = true,
        verdict = review_anomaly.verdict,
        review_notes = review_anomaly.notes,
        reviewed_by = session_user,
        reviewed_at = now()
    WHERE anomaly.id = review_anomaly.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(review_anomaly.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.review_anomaly(uuid, text, text) IS 'Records a verdict on an anomaly: true_positive, false_positive, benign or undecided. A second review replaces the first.';
