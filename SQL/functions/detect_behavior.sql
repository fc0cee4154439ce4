-- What the sidecar keeps of an entity's behaviour are the verdicts of the detectors of the family behaviour
-- (burst, dormancy, residual, cusum, reconstruction, off_hours, regularity); they are answered as they are stored.
CREATE FUNCTION vigil.detect_behavior(entity_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer vigil.detection;
    spoke text;
    silent text;
BEGIN
    answer := vigil.detect_entity(detect_behavior.entity_id, detect_behavior.timeout_milliseconds);
    answer.anomaly_score := NULL;
    answer.p_value := NULL;
    answer.severity := NULL;
    answer.is_anomaly := NULL;
    answer.confidence := NULL;
    answer.detection_method := NULL;

    -- The strongest detector of the family, corrected for how many of them spoke: as the family votes.
    SELECT CASE WHEN count(p) > 0 THEN least(1, min(p) * count(p)) END, string_agg(name, ', ' ORDER BY name) FILTER (WHERE p IS NOT NULL),
        string_agg(name, ', ' ORDER BY name) FILTER (WHERE p IS NULL)
    INTO answer.p_value, spoke, silent
    FROM (
        SELECT vigil.clean_label(detector ->> 'name', 40) AS name,
            CASE WHEN jsonb_typeof(detector -> 'p') = 'number' THEN greatest(least((detector ->> 'p')::numeric, 1), 0)::double precision END AS p
        FROM vigil.entity_scores AS score,
            jsonb_path_query(score.detectors, 'lax $[*] ? (@.family == "behaviour")') AS detectors (detector)
        WHERE score.entity_id = detect_behavior.entity_id
    ) AS family;
    IF answer.p_value IS NOT NULL THEN
        answer.anomaly_score := least(1, greatest(0, -log(greatest(answer.p_value, 1e-10)::numeric) / 5));
        answer.severity := CASE WHEN answer.anomaly_score >= 0.8 THEN 'critical' WHEN answer.anomaly_score >= 0.6 THEN 'high'
            WHEN answer.anomaly_score >= 0.4 THEN 'medium' ELSE 'low' END;
        answer.is_anomaly := answer.anomaly_score >= vigil.current_threshold();
        answer.detection_method := spoke;
    END IF;
    answer.message := concat_ws(' ', answer.message,
        CASE
            WHEN answer.scored_at IS NULL THEN NULL
            WHEN answer.p_value IS NULL AND silent IS NULL THEN 'Nothing has judged the behaviour of this entity.'
            WHEN answer.p_value IS NULL THEN format('Its behaviour was looked at (%s), but its history is too short for an answer.', silent)
            ELSE format('This is what its activity alone says (%s), without a confidence of its own.', spoke)
        END,
        CASE
            WHEN NOT EXISTS (SELECT FROM vigil.models AS model WHERE model.kind = 'ensemble' AND model.state = 'active')
                THEN 'There is no model yet, so nothing has learnt what is usual.'
            WHEN answer.scored_at IS NOT NULL AND NOT 'reconstruction' = ANY (coalesce(string_to_array(spoke, ', '), '{}'))
                THEN 'The model of sequences has not spoken: it needs a longer history, of this entity or at the training.' END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_behavior(bigint, integer) IS 'How strange the activity of an entity is, by the stored judgement of the detectors of behaviour; null, with a message, where they have not spoken. Waits as vigil.detect_entity() does.';
