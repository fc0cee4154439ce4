-- With the rights of the owner, for nobody else writes vigil.drift_reports, and only an administrator asks for a
-- training: who has set drift_action to retrain has. Report, alarm and end of the task come in one step.
CREATE FUNCTION vigil.store_drift(id bigint, runner text, report jsonb)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    task vigil.tasks;
    wanted CONSTANT text := vigil.get_setting('drift_action') #>> '{}';
    pause CONSTANT interval := (vigil.get_setting('drift_retrain_days'))::double precision * interval '1 day';
    is_drift CONSTANT boolean := store_drift.report ->> 'verdict' = 'drift';
    training bigint;
    arguments jsonb;
    made bigint;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT * INTO task FROM vigil.tasks AS own
    WHERE own.id = store_drift.id AND own.state = 'running' AND own.claimed_by = store_drift.runner AND own.kind = 'drift'
        AND NOT own.cancel_requested
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- At most one training at a time, and none before the last one had its time.
    IF is_drift AND wanted = 'retrain'
        AND NOT EXISTS (
            SELECT FROM vigil.tasks AS open WHERE open.kind = 'retrain' AND open.state IN ('queued', 'failed', 'running'))
        AND NOT EXISTS (
            SELECT FROM vigil.drift_reports AS earlier
            WHERE earlier.retrain_task_id IS NOT NULL AND earlier.created_at > now() - pause)
    THEN
        arguments := vigil.check_task_arguments('retrain', '{"skip_if_too_few": true}');
        training := vigil.file_task('retrain', arguments, 0, now(), NULL, 'drift');
        PERFORM vigil.record_decision('retrain', 'task', training::text, NULL, arguments);
    END IF;
    INSERT INTO vigil.drift_reports (checked_at, trained_at, model_version, verdict, summary, findings, action, is_announced, retrain_task_id)
    VALUES (to_timestamp((store_drift.report ->> 'as_of')::double precision), to_timestamp((store_drift.report ->> 'trained_at')::double precision),
        store_drift.report ->> 'model_version', store_drift.report ->> 'verdict', store_drift.report ->> 'summary',
        store_drift.report -> 'findings', wanted, is_drift AND wanted <> 'report', training)
    RETURNING drift_reports.id INTO made;
    IF is_drift AND wanted <> 'report' THEN
        PERFORM pg_notify('vigil_drift', jsonb_build_object(
            'report', made, 'model_version', store_drift.report ->> 'model_version',
            'measures', (SELECT count(*) FROM jsonb_array_elements(store_drift.report -> 'findings') AS finding WHERE finding ->> 'verdict' = 'drift'),
            'summary', "left"(store_drift.report ->> 'summary', 500), 'retrain_task', training)::text);
    END IF;
    RETURN vigil.finish_task(task.id, store_drift.runner, jsonb_build_object(
        'report', made, 'verdict', store_drift.report ->> 'verdict', 'summary', store_drift.report ->> 'summary', 'retrain_task', training));
END
$$;

COMMENT ON FUNCTION vigil.store_drift(bigint, text, jsonb) IS 'Stores what a task of kind drift has found, does what the setting drift_action asks for, and ends the task. alarm: notifies listeners of vigil_drift; retrain: also files a training, unless one is open or one was filed because of drift within drift_retrain_days. False if the runner has no such task, or is to stop.';
