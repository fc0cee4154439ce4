CREATE FUNCTION vigil.detect_relationship(relationship_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.relationship_detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    edge vigil.relationships;
    waited record;
    are_judged boolean;
    answer vigil.relationship_detection;
BEGIN
    SELECT * INTO edge FROM vigil.relationships AS relationship WHERE relationship.id = detect_relationship.relationship_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no relationship %', coalesce(detect_relationship.relationship_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, source_entity_id, target_entity_id, type FROM vigil.relationships.';
    END IF;
    SELECT * INTO waited FROM vigil.await_scores(
        ARRAY[edge.source_entity_id, edge.target_entity_id], detect_relationship.timeout_milliseconds);

    SELECT anomaly.anomaly_score, anomaly.p_value, anomaly.confidence, anomaly.severity, true, anomaly.detection_method,
        anomaly.model_version, anomaly.last_detected
    INTO answer.anomaly_score, answer.p_value, answer.confidence, answer.severity, answer.is_anomaly, answer.detection_method,
        answer.model_version, answer.scored_at
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = edge.id AND anomaly.is_active
    ORDER BY anomaly.anomaly_score + 0 DESC
    LIMIT 1;
    are_judged := answer.is_anomaly IS NOT NULL
        OR EXISTS (SELECT FROM vigil.models AS model WHERE model.kind = 'relationship' AND model.state = 'active')
        OR EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.subject_kind = 'relationship');
    IF are_judged THEN
        answer.is_anomaly := coalesce(answer.is_anomaly, false);
    END IF;
    answer.relationship_id := edge.id;
    answer.source_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.source_entity_id);
    answer.target_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.target_entity_id);
    answer.is_current := waited.unread_ids = '{}' AND waited.own_ids = '{}'
        AND answer.source_score IS NOT NULL AND answer.target_score IS NOT NULL;
    answer.message := concat_ws(' ',
        CASE WHEN waited.own_ids <> '{}' THEN 'The newest change is in your own open transaction and is scored after COMMIT.' END,
        waited.reason,
        CASE WHEN NOT edge.is_active THEN 'The relationship is not active, so it is no part of the graph.' END,
        CASE
            WHEN NOT are_judged THEN 'Nothing has judged relationships in this database yet; what is known are the scores of its two ends.'
            WHEN answer.is_anomaly THEN 'It has an open anomaly.'
            ELSE 'It has no open anomaly; a score is kept only of relationships that have one.'
        END,
        CASE WHEN answer.source_score IS NULL OR answer.target_score IS NULL THEN 'Not both of its ends have a score yet.' END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_relationship(bigint, integer) IS 'How strange a relationship is: its open anomaly, if it has one, and the scores of its ends. Waits until the newest committed changes of both ends have been scored, as vigil.detect_entity() does, and says in message what is not known.';
