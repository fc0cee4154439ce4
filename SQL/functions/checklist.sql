CREATE FUNCTION vigil.checklist(id uuid)
RETURNS TABLE (number integer, step text, is_done boolean, done_by text, done_at timestamptz, note text, link text, task text, task_id bigint, webhook text, playbook text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    chosen text;
BEGIN
    IF NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.id = checklist.id) THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(checklist.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    chosen := vigil.playbook_of(checklist.id);
    RETURN QUERY
    -- What was done by the words of another playbook comes after the steps of this one.
    SELECT row_number() OVER (ORDER BY of_playbook.position NULLS LAST, progress.done_at, progress.step)::integer,
        coalesce(of_playbook.step ->> 'text', progress.step), progress.done_at IS NOT NULL, progress.done_by, progress.done_at,
        progress.note, of_playbook.step ->> 'link', of_playbook.step ->> 'task', progress.task_id, of_playbook.step ->> 'webhook',
        CASE WHEN of_playbook.step IS NOT NULL THEN chosen END
    FROM (
        SELECT steps.step, steps.position
        FROM vigil.playbooks AS own, jsonb_array_elements(own.steps) WITH ORDINALITY AS steps (step, position)
        WHERE own.name = chosen
    ) AS of_playbook
    FULL JOIN (
        SELECT * FROM vigil.playbook_progress AS kept WHERE kept.anomaly_id = checklist.id
    ) AS progress ON progress.step = of_playbook.step ->> 'text'
    WHERE of_playbook.step IS NOT NULL OR progress.done_at IS NOT NULL
    ORDER BY 1;
END
$$;

COMMENT ON FUNCTION vigil.checklist(uuid) IS 'The steps of the playbook of an anomaly, and how far they were taken; after them steps that were done by another playbook.';
