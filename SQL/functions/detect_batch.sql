CREATE FUNCTION vigil.detect_batch(ids bigint[], timeout_milliseconds integer DEFAULT NULL)
RETURNS SETOF vigil.detection
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids_max CONSTANT integer := 10000;
    threshold CONSTANT double precision := vigil.current_threshold();
    waited record;
BEGIN
    IF detect_batch.ids IS NULL OR cardinality(detect_batch.ids) > ids_max THEN
        RAISE EXCEPTION 'detect_batch takes up to % ids, not %', ids_max, coalesce(cardinality(detect_batch.ids)::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Split them, or read vigil.entity_scores.';
    END IF;
    SELECT * INTO waited FROM vigil.await_scores(detect_batch.ids, detect_batch.timeout_milliseconds);
    RETURN QUERY
    SELECT given.id, score.anomaly_score, score.p_value, score.confidence, score.severity,
        score.anomaly_score >= threshold, score.detection_method, score.model_version, score.scored_at,
        entity.id IS NOT NULL AND score.scored_at IS NOT NULL AND state.unread IS NULL,
        concat_ws(' ',
            CASE
                WHEN entity.id IS NULL THEN format('There is no entity %s.', coalesce(given.id::text, 'NULL'))
                WHEN state.unread = 'own' THEN 'The newest change is in your own open transaction and is scored after COMMIT.'
                WHEN state.unread IS NULL AND score.scored_at IS NOT NULL THEN 'The score covers every committed change.'
                WHEN NOT entity.is_active THEN 'The entity is not active, so it is no part of the graph.'
                WHEN state.unread IS NOT NULL THEN waited.reason
            END,
            CASE
                WHEN entity.id IS NULL THEN NULL
                WHEN score.scored_at IS NULL THEN 'There is no score yet.'
                WHEN state.unread IS NOT NULL THEN 'The score is of an older state.'
            END)
    FROM unnest(detect_batch.ids) WITH ORDINALITY AS given (id, position)
    LEFT JOIN vigil.entities AS entity ON entity.id = given.id
    LEFT JOIN vigil.entity_scores AS score ON score.entity_id = entity.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN given.id = ANY (waited.unread_ids) THEN 'committed' WHEN given.id = ANY (waited.own_ids) THEN 'own' END
    ) AS state (unread)
    ORDER BY given.position;
END
$$;

COMMENT ON FUNCTION vigil.detect_batch(bigint[], integer) IS 'How strange these entities are, in the order given: vigil.detect_entity() for up to 10,000 at once, with one common wait. An id that is no entity''s gets a line that says so.';
