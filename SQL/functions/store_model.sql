-- With the rights of the owner: the sidecar writes no models, but the one that an administrator has
-- asked for in a task that it has. Model and end of the task come in one step, so that a sidecar killed
-- between them leaves neither.
CREATE FUNCTION vigil.store_model(id bigint, runner text, version text, card jsonb, archive bytea, result jsonb DEFAULT '{}')
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    task vigil.tasks;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT * INTO task FROM vigil.tasks AS own
    WHERE own.id = store_model.id AND own.state = 'running' AND own.claimed_by = store_model.runner AND own.kind = 'retrain'
        AND NOT own.cancel_requested
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO vigil.models (version, kind, card, archive, note)
    VALUES (store_model.version, 'ensemble', store_model.card, store_model.archive, format('task %s', task.id));
    IF coalesce((task.arguments -> 'challenge')::boolean, false)
        AND EXISTS (SELECT FROM vigil.models AS model WHERE model.kind = 'ensemble' AND model.state = 'active')
    THEN
        PERFORM vigil.challenge_model(store_model.version);
    ELSIF coalesce((task.arguments -> 'activate')::boolean, true) THEN
        PERFORM vigil.switch_model('ensemble', store_model.version);
    END IF;
    RETURN vigil.finish_task(task.id, store_model.runner, store_model.result || jsonb_build_object('version', store_model.version));
END
$$;

COMMENT ON FUNCTION vigil.store_model(bigint, text, text, jsonb, bytea, jsonb) IS 'Stores the model that a task of kind retrain has trained, makes it the active one unless the task says otherwise, or the challenger of the active one if it asks for that, and ends the task. False if the runner has no such task, or is to stop.';
