CREATE FUNCTION vigil.detect_entity(entity_id bigint, timeout_milliseconds integer DEFAULT NULL)
RETURNS vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wait_milliseconds CONSTANT double precision := coalesce(
        detect_entity.timeout_milliseconds, (vigil.get_setting('detect_timeout_milliseconds'))::integer);
    started_at CONSTANT timestamptz := clock_timestamp();
    pause_seconds double precision := 0.001;
    is_alive CONSTANT boolean := EXISTS (
        SELECT FROM vigil.sidecars WHERE vigil.sidecar_is_alive(heartbeat_at, state));
    sees_commits CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
    entity_is_active boolean;
    unread text;
    answer vigil.detection;
BEGIN
    SELECT entity.is_active INTO entity_is_active
    FROM vigil.entities AS entity WHERE entity.id = detect_entity.entity_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no entity %', coalesce(detect_entity.entity_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, type, name, value FROM vigil.entities.';
    END IF;
    LOOP
        unread := vigil.find_unread_change(detect_entity.entity_id);
        EXIT WHEN unread IS NULL OR unread = 'own' OR NOT is_alive OR NOT sees_commits
            OR clock_timestamp() >= started_at + wait_milliseconds * interval '1 millisecond';
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 1.5, 0.02);
    END LOOP;

    SELECT score.anomaly_score, score.p_value, score.confidence, score.severity, score.detection_method,
        score.model_version, score.scored_at,
        score.anomaly_score >= vigil.current_threshold()
    INTO answer.anomaly_score, answer.p_value, answer.confidence, answer.severity, answer.detection_method,
        answer.model_version, answer.scored_at, answer.is_anomaly
    FROM vigil.entity_scores AS score
    WHERE score.entity_id = detect_entity.entity_id;

    answer.entity_id := detect_entity.entity_id;
    answer.is_current := unread IS NULL AND answer.scored_at IS NOT NULL;
    answer.message := concat_ws(' ',
        CASE
            WHEN unread = 'own' THEN 'The newest change is in your own open transaction and is scored after COMMIT.'
            WHEN unread IS NULL AND answer.scored_at IS NOT NULL THEN 'The score covers every committed change.'
            WHEN NOT entity_is_active THEN 'The entity is not active, so it is no part of the graph.'
            WHEN NOT is_alive THEN 'No sidecar is running, so the newest change is not scored: start "vigil run".'
            WHEN unread IS NULL THEN NULL
            WHEN NOT sees_commits THEN 'The newest change was not scored when this transaction began, and its isolation level does not let it see more.'
            ELSE format('The newest change was not scored within %s ms.', wait_milliseconds)
        END,
        CASE
            WHEN answer.scored_at IS NULL THEN 'There is no score yet.'
            WHEN unread IS NOT NULL THEN 'The score is of an older state.'
        END);
    RETURN answer;
END
$$;

COMMENT ON FUNCTION vigil.detect_entity(bigint, integer) IS 'How strange an entity is. Waits until its newest committed change has been scored, at most timeout_milliseconds (default: the setting detect_timeout_milliseconds), and says in message what it could not wait for.';
