CREATE FUNCTION vigil.score_preview(task_id bigint)
RETURNS TABLE (
    subject_kind text, subject_id bigint, ref text, name text, type text, score_before double precision, anomaly_score double precision,
    severity text, p_value double precision, confidence double precision, anomaly_type text, summary text, explanation jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task vigil.tasks;
BEGIN
    SELECT * INTO task FROM vigil.tasks AS found WHERE found.id = score_preview.task_id AND found.kind = 'preview';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no task % of kind preview', coalesce(score_preview.task_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'File one: SELECT vigil.request_preview(...).';
    ELSIF task.state <> 'done' THEN
        RAISE EXCEPTION 'task % is not done: it is %', task.id, task.state
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = coalesce(task.error, 'No attempt has failed.'), HINT = format('CALL vigil.wait_for_task(%s) waits for it.', task.id);
    END IF;
    RETURN QUERY
    SELECT subject.kind, subject.id, subject.ref, subject.name, subject.type, subject.score_before, subject.score, subject.severity,
        subject.p_value, subject.confidence, subject.anomaly_type, subject.summary, subject.explanation
    FROM ROWS FROM (jsonb_to_recordset(task.result -> 'subjects') AS (
        kind text, id bigint, ref text, name text, type text, score_before double precision, score double precision, severity text,
        p_value double precision, confidence double precision, anomaly_type text, summary text, explanation jsonb)) WITH ORDINALITY AS subject
    ORDER BY subject.ordinality;
END
$$;

COMMENT ON FUNCTION vigil.score_preview(bigint) IS 'What a task of kind preview has found, a row for each entity that was thought of or stands at the end of a relationship that was: what it would be scored, what it is scored now (null if it is not there), and why.';
