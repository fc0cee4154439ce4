CREATE FUNCTION vigil.read_export(task_id bigint)
RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task vigil.tasks;
    content bytea;
BEGIN
    IF NOT vigil.sees_labels() THEN
        RAISE EXCEPTION 'pictures with names are not for role %', quote_ident(vigil.acting_role())
            USING ERRCODE = 'insufficient_privilege', HINT = 'See the setting picture_labels; "vigil export" draws them without names.';
    END IF;
    SELECT * INTO task FROM vigil.tasks AS found WHERE found.id = read_export.task_id AND found.kind = 'export';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no task % of kind export', coalesce(read_export.task_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'File one: SELECT vigil.request_export(''...'').';
    ELSIF task.state <> 'done' THEN
        RAISE EXCEPTION 'task % is not done: it is %', task.id, task.state
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = coalesce(task.error, 'No attempt has failed.'), HINT = format('CALL vigil.wait_for_task(%s) waits for it.', task.id);
    END IF;
    SELECT rendering.content INTO content
    FROM vigil.renderings AS rendering
    WHERE rendering.anomaly_id = (task.arguments ->> 'anomaly_id')::uuid AND rendering.format = task.arguments ->> 'format'
        AND rendering.hops = (task.arguments -> 'hops')::integer AND rendering.node_limit = (task.arguments -> 'nodes')::integer;
    IF content IS NULL THEN
        RAISE EXCEPTION 'the picture of task % is not kept any more', task.id
            USING ERRCODE = 'no_data_found', HINT = format('Draw it again: SELECT vigil.retry_task(%s) after a failure, else vigil.request_export().', task.id);
    END IF;
    RETURN content;
END
$$;

COMMENT ON FUNCTION vigil.read_export(bigint) IS 'The picture that a task of kind export has drawn: the newest of that anomaly and form. Text in UTF-8 but for png and pdf; as text: convert_from(vigil.read_export(12), ''UTF8'').';
