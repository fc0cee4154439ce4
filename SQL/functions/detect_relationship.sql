CREATE FUNCTION vigil.detect_relationship(relationship_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.relationship_detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    edge vigil.relationships;
    waited record;
    answer vigil.relationship_detection;
BEGIN
    SELECT * INTO edge FROM vigil.relationships AS relationship WHERE relationship.id = detect_relationship.relationship_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no relationship %', coalesce(detect_relationship.relationship_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, source_entity_id, target_entity_id, type FROM vigil.relationships.';
    END IF;
    SELECT * INTO waited FROM vigil.await_scores(
        ARRAY[edge.source_entity_id, edge.target_entity_id], detect_relationship.timeout_milliseconds);

    -- Through text: 0.1 and not the next number that a real can tell.
    SELECT score.anomaly_score, score.p_value::text, score.confidence::text, score.severity,
        CASE WHEN score.model_version IS NULL THEN 'rules' ELSE 'ensemble' END, score.model_version, score.scored_at,
        score.anomaly_score >= vigil.current_threshold()
    INTO answer.anomaly_score, answer.p_value, answer.confidence, answer.severity, answer.detection_method,
        answer.model_version, answer.scored_at, answer.is_anomaly
    FROM vigil.relationship_scores AS score
    WHERE score.relationship_id = edge.id;
    answer.relationship_id := edge.id;
    answer.source_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.source_entity_id);
    answer.target_score := (SELECT score.anomaly_score FROM vigil.entity_scores AS score WHERE score.entity_id = edge.target_entity_id);
    answer.is_current := waited.unread_ids = '{}' AND waited.own_ids = '{}'
        AND answer.scored_at IS NOT NULL;
    answer.message := concat_ws(' ',
        CASE WHEN waited.own_ids <> '{}' THEN 'The newest change is in your own open transaction and is scored after COMMIT.' END,
        waited.reason,
        CASE WHEN NOT edge.is_active THEN 'The relationship is not active, so it is no part of the graph.' END,
        CASE
            WHEN answer.scored_at IS NULL THEN 'There is no score yet.'
            WHEN waited.unread_ids <> '{}' OR waited.own_ids <> '{}' THEN 'The score may be of an older state.'
            ELSE 'The score covers every committed change.'
        END,
        CASE WHEN EXISTS (
                SELECT FROM vigil.anomalies AS anomaly
                WHERE anomaly.subject_kind = 'relationship' AND anomaly.subject_id = edge.id AND anomaly.is_active)
            THEN 'It has an open anomaly.' END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_relationship(bigint, integer) IS 'How strange a relationship is by itself, and the scores of its ends. Waits until the newest committed changes of both ends have been scored, as vigil.detect_entity() does, and says in message what is not known.';
