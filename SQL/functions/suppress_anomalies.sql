-- With the rights of the owner: the anomalies that are open already fall under it at once.
CREATE FUNCTION vigil.suppress_anomalies(
    reason text,
    entity_id bigint DEFAULT NULL,
    relationship_id bigint DEFAULT NULL,
    subject_type text DEFAULT NULL,
    anomaly_type text DEFAULT NULL,
    indicator text DEFAULT NULL,
    name_pattern text DEFAULT NULL,
    expires_at timestamptz DEFAULT now() + interval '30 days')
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    IF coalesce(suppress_anomalies.reason, '') !~ E'\\S' THEN
        RAISE EXCEPTION 'a suppression needs a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.check_length('reason', suppress_anomalies.reason, 2000);
    PERFORM vigil.check_length('name_pattern', suppress_anomalies.name_pattern, 200);
    IF num_nonnulls(suppress_anomalies.entity_id, suppress_anomalies.relationship_id, suppress_anomalies.subject_type,
        suppress_anomalies.anomaly_type, suppress_anomalies.indicator, suppress_anomalies.name_pattern) = 0
    THEN
        RAISE EXCEPTION 'a suppression of everything is none'
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Give one or more of entity_id, relationship_id, subject_type, anomaly_type, indicator and name_pattern.';
    END IF;
    IF num_nonnulls(suppress_anomalies.entity_id, suppress_anomalies.relationship_id) = 2 THEN
        RAISE EXCEPTION 'an anomaly is of an entity or of a relationship, not of both' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF suppress_anomalies.name_pattern = '' OR suppress_anomalies.name_pattern ~ E'(^|[^\\\\])(\\\\\\\\)*\\\\$' THEN
        RAISE EXCEPTION 'a name pattern is neither empty nor does it end with a single backslash' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF suppress_anomalies.expires_at IS NULL OR suppress_anomalies.expires_at <= now() THEN
        RAISE EXCEPTION 'a suppression must end later than now'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use expires_at => ''infinity'' for one that only a person ends.';
    END IF;
    IF suppress_anomalies.anomaly_type IS NOT NULL THEN
        PERFORM vigil.check_words('anomaly_type', ARRAY[suppress_anomalies.anomaly_type],
            '{behavioral,relationship,infrastructure,data_quality,temporal,semantic}');
    END IF;
    -- A slip of the pen would suppress nothing, without a word.
    IF suppress_anomalies.indicator IS NOT NULL AND NOT EXISTS (
        SELECT FROM vigil.indicators AS known WHERE known.name = suppress_anomalies.indicator)
    THEN
        RAISE EXCEPTION 'there is no indicator %', quote_literal(vigil.clean_label("left"(suppress_anomalies.indicator, 200)))
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT name, description FROM vigil.indicators.';
    END IF;
    IF suppress_anomalies.subject_type IS NOT NULL
        AND NOT EXISTS (SELECT FROM vigil.entity_types AS known WHERE known.type = suppress_anomalies.subject_type)
        AND NOT EXISTS (SELECT FROM vigil.relationship_types AS known WHERE known.type = suppress_anomalies.subject_type)
    THEN
        RAISE EXCEPTION 'there is no type %', quote_literal(vigil.clean_label("left"(suppress_anomalies.subject_type, 200)))
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT type FROM vigil.entity_types, and vigil.relationship_types.';
    END IF;

    PERFORM vigil.lock_audit();
    INSERT INTO vigil.suppressions
        (entity_id, relationship_id, subject_type, anomaly_type, indicator, name_pattern, reason, created_by, expires_at)
    VALUES (suppress_anomalies.entity_id, suppress_anomalies.relationship_id, suppress_anomalies.subject_type,
        suppress_anomalies.anomaly_type, suppress_anomalies.indicator, suppress_anomalies.name_pattern,
        suppress_anomalies.reason, vigil.acting_person(), suppress_anomalies.expires_at)
    RETURNING * INTO suppression;
    PERFORM vigil.apply_suppressions(suppression);
    RETURN suppression.id;
END
$$;

COMMENT ON FUNCTION vigil.suppress_anomalies(text, bigint, bigint, text, text, text, text, timestamptz) IS 'From now until expires_at (default: 30 days) anomalies that fit all the conditions given are recorded, but neither shown as open nor announced: of this entity or relationship, subject type, primary anomaly type, resting on this indicator alone, with a subject whose name is ILIKE this pattern. Returns the key for vigil.lift_suppression().';
