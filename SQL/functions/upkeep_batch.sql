-- For the owner of Vigil alone, because the time is an argument; vigil.run_upkeep() gives the present. Each
-- batch looks at rows_max rows at most, by an index, so that whoever calls it between other work is not held up.
CREATE FUNCTION vigil.upkeep_batch(at timestamptz, rows_max integer)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET jit = off
SET enable_seqscan = off
AS $$
DECLARE
    work vigil.upkeep;
    gone bigint;
    last_key bigint;
    closed_before CONSTANT timestamptz :=
        upkeep_batch.at - (vigil.get_setting('anomaly_retention_days'))::integer * interval '1 day';
    has_ended boolean;
BEGIN
    IF rows_max IS NULL OR rows_max NOT BETWEEN 1 AND 1000000 THEN
        RAISE EXCEPTION 'rows_max must be from 1 to 1000000, not %', coalesce(rows_max::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The round that has begun, else the task that has waited longest.
    SELECT * INTO work FROM vigil.upkeep AS task
    WHERE task.is_running OR task.round_ended_at IS NULL OR task.round_ended_at <= upkeep_batch.at - interval '1 day'
        OR task.round_ended_at > upkeep_batch.at + interval '1 day'
    ORDER BY task.is_running DESC, task.round_ended_at NULLS FIRST, task.task
    LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    CASE work.task
        WHEN 'history' THEN
            gone := vigil.drop_history(upkeep_batch.at, rows_max);
        WHEN 'scores' THEN
            SELECT max(looked.id) INTO last_key FROM (
                SELECT score.entity_id AS id FROM vigil.entity_scores AS score
                WHERE score.entity_id > work.position ORDER BY score.entity_id LIMIT rows_max) AS looked;
            DELETE FROM vigil.entity_scores AS score
            WHERE score.entity_id > work.position AND score.entity_id <= last_key
                AND NOT EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = score.entity_id);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'relationship scores' THEN
            SELECT max(looked.id) INTO last_key FROM (
                SELECT score.relationship_id AS id FROM vigil.relationship_scores AS score
                WHERE score.relationship_id > work.position ORDER BY score.relationship_id LIMIT rows_max) AS looked;
            DELETE FROM vigil.relationship_scores AS score
            WHERE score.relationship_id > work.position AND score.relationship_id <= last_key
                AND NOT EXISTS (SELECT FROM vigil.relationships AS relationship WHERE relationship.id = score.relationship_id);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'shadow scores' THEN
            -- Of subjects that are gone, of an earlier pair of models, or not judged for long.
            SELECT max(looked.id) INTO last_key FROM (
                SELECT shadow.subject_id AS id FROM vigil.shadow_scores AS shadow
                WHERE shadow.subject_id > work.position ORDER BY shadow.subject_id LIMIT rows_max) AS looked;
            DELETE FROM vigil.shadow_scores AS shadow
            WHERE shadow.subject_id > work.position AND shadow.subject_id <= last_key
                AND (shadow.judged_at < upkeep_batch.at - (vigil.get_setting('shadow_retention_days'))::double precision * interval '1 day'
                    OR NOT EXISTS (
                        SELECT FROM vigil.models AS model
                        WHERE model.kind = 'ensemble' AND model.state = 'challenger'
                            AND model.version = split_part(shadow.challenger_version, '+', 1))
                    OR CASE shadow.subject_kind
                        WHEN 'entity' THEN NOT EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = shadow.subject_id)
                        ELSE NOT EXISTS (SELECT FROM vigil.relationships AS relationship WHERE relationship.id = shadow.subject_id) END);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'metrics' THEN
            SELECT max(looked.id) INTO last_key FROM (
                SELECT metrics.entity_id AS id FROM vigil.entity_metrics AS metrics
                WHERE metrics.entity_id > work.position ORDER BY metrics.entity_id LIMIT rows_max) AS looked;
            DELETE FROM vigil.entity_metrics AS metrics
            WHERE metrics.entity_id > work.position AND metrics.entity_id <= last_key
                AND NOT EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = metrics.entity_id);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'anomalies' THEN
            -- Their reviews go along; the decisions stay in the audit log.
            DELETE FROM vigil.anomalies AS anomaly
            WHERE anomaly.id = ANY (ARRAY(
                SELECT closed.id FROM vigil.anomalies AS closed
                WHERE NOT closed.is_active AND coalesce(closed.resolved_at, closed.last_detected) < closed_before
                ORDER BY coalesce(closed.resolved_at, closed.last_detected)
                LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
            WHILE vigil.fold_anomaly_counts() > 0 LOOP
            END LOOP;
        WHEN 'incidents' THEN
            -- Those without an anomaly into which no other was merged.
            SELECT max(looked.id) INTO last_key FROM (
                SELECT incident.id FROM vigil.incidents AS incident
                WHERE incident.id > work.position ORDER BY incident.id LIMIT rows_max) AS looked;
            DELETE FROM vigil.incidents AS incident
            WHERE incident.id > work.position AND incident.id <= last_key AND incident.opened_at < closed_before
                AND NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.incident_id = incident.id)
                AND NOT EXISTS (SELECT FROM vigil.incidents AS other WHERE other.merged_into = incident.id);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'suppressions' THEN
            SELECT max(looked.id) INTO last_key FROM (
                SELECT suppression.id FROM vigil.suppressions AS suppression
                WHERE suppression.id > work.position ORDER BY suppression.id LIMIT rows_max) AS looked;
            DELETE FROM vigil.suppressions AS suppression
            WHERE suppression.id > work.position AND suppression.id <= last_key
                AND least(suppression.expires_at, suppression.lifted_at) < closed_before
                AND NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.suppressed_by = suppression.id);
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'audit' THEN
            gone := vigil.seal_audit(upkeep_batch.at, rows_max);
        WHEN 'models' THEN
            DELETE FROM vigil.models AS model
            WHERE model.version = ANY (ARRAY(
                SELECT ranked.version
                FROM (
                    SELECT retired.version, row_number() OVER (
                        PARTITION BY retired.kind ORDER BY coalesce(retired.activated_at, retired.created_at) DESC, retired.version) AS rank
                    FROM vigil.models AS retired WHERE retired.state = 'retired') AS ranked
                WHERE ranked.rank > (vigil.get_setting('retired_models_kept'))::integer
                LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'epochs' THEN
            DELETE FROM vigil.feed_epochs AS epoch
            WHERE epoch.epoch = ANY (ARRAY(
                SELECT old.epoch FROM vigil.feed_epochs AS old
                WHERE old.at < upkeep_batch.at - interval '1 year' AND old.epoch < (SELECT max(newest.epoch) FROM vigil.feed_epochs AS newest)
                ORDER BY old.epoch LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'tasks' THEN
            DELETE FROM vigil.tasks AS ended
            WHERE ended.id = ANY (ARRAY(
                SELECT old.id FROM vigil.tasks AS old
                WHERE old.finished_at < upkeep_batch.at - (vigil.get_setting('task_retention_days'))::double precision * interval '1 day'
                ORDER BY old.finished_at LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'reports' THEN
            DELETE FROM vigil.reports AS report
            WHERE report.id = ANY (ARRAY(
                SELECT old.id FROM vigil.reports AS old
                WHERE old.created_at < upkeep_batch.at - (vigil.get_setting('report_retention_days'))::double precision * interval '1 day'
                ORDER BY old.created_at LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'renderings' THEN
            DELETE FROM vigil.renderings AS rendering
            WHERE rendering.ctid = ANY (ARRAY(
                SELECT old.ctid FROM vigil.renderings AS old
                WHERE old.drawn_at < upkeep_batch.at - (vigil.get_setting('rendering_retention_days'))::double precision * interval '1 day'
                ORDER BY old.drawn_at LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        WHEN 'drift reports' THEN
            DELETE FROM vigil.drift_reports AS report
            WHERE report.id = ANY (ARRAY(
                SELECT old.id FROM vigil.drift_reports AS old
                WHERE old.created_at < upkeep_batch.at - (vigil.get_setting('drift_retention_days'))::double precision * interval '1 day'
                ORDER BY old.created_at LIMIT rows_max));
            GET DIAGNOSTICS gone = ROW_COUNT;
        ELSE
            gone := 0;
    END CASE;

    -- By position a round ends where there is no further key, else where a batch was not full.
    has_ended := last_key IS NULL AND gone < rows_max;
    UPDATE vigil.upkeep AS task
    SET position = CASE WHEN has_ended THEN 0 ELSE coalesce(last_key, 0) END, is_running = NOT has_ended,
        round_ended_at = CASE WHEN has_ended THEN upkeep_batch.at ELSE task.round_ended_at END,
        removed = task.removed + gone
    WHERE task.task = work.task;
    RETURN true;
END
$$;

COMMENT ON FUNCTION vigil.upkeep_batch(timestamptz, integer) IS 'One step of the upkeep as of this time; whether there was something to do. Called by vigil.run_upkeep().';
