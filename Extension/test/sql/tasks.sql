-- Tasks: filed, taken, done, failed, dead, cancelled, retried, waited for.
SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
ALTER TABLE vigil.tasks ALTER COLUMN id RESTART;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 4) AS n;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'owns');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, last_detected, graph_epoch)
VALUES ('00000000-0000-0000-0000-00000000000a', 'entity', 1, 'domain', 'host 1', 1, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules', '2026-01-01Z', 3);
SELECT vigil.request_detection('{3,1,3}', '{1}');
SELECT vigil.request_scan(), vigil.request_scan() AS the_same;
SELECT vigil.request_report(period_end => '2026-01-02 01:00+01');
SELECT vigil.request_export('00000000-0000-0000-0000-00000000000a', hops => 2);
SELECT vigil.retrain(trees => 20);
SELECT vigil.add_task('maintenance', priority => 5, run_after => now() + interval '1 hour');
SELECT id, kind, state, arguments, priority, requested_by, attempts_max FROM vigil.tasks ORDER BY id;
SELECT action, object_kind, object_id, after FROM vigil.audit_log WHERE object_kind = 'task' ORDER BY seq;

-- What is wrong is named.
SELECT vigil.request_detection();
SELECT vigil.request_detection('{99}');
SELECT vigil.request_detection('{}', '{99}');
SELECT vigil.request_detection(ARRAY[NULL]::bigint[]);
SELECT vigil.request_export('00000000-0000-0000-0000-00000000000b');
SELECT vigil.request_export(NULL);
SELECT vigil.request_export('00000000-0000-0000-0000-00000000000a', 'gif');
SELECT vigil.request_export('00000000-0000-0000-0000-00000000000a', 'svg', 11);
SELECT vigil.request_report('2026-01-02', '2026-01-02');
SELECT vigil.retrain(trees => 0);
SELECT vigil.retrain(contamination => 'NaN');
SELECT vigil.add_task('dance');
SELECT vigil.add_task(NULL);
SELECT vigil.add_task('scan_all', '[]');
SELECT vigil.add_task('scan_all', '{"everything": true}');
SELECT vigil.add_task('export', '{"anomaly_id": "nobody; DROP TABLE x"}');
SELECT vigil.add_task('retrain', '{"trees": 1.5}');
SELECT vigil.add_task('retrain', '{"activate": "yes"}');
SELECT vigil.add_task('daily_report', '{"period_start": "yesterdayish"}');
SELECT vigil.add_task('detect', '{"entity_ids": [1e40]}');
SELECT vigil.add_task('detect', jsonb_build_object('entity_ids', (SELECT jsonb_agg(n) FROM generate_series(1, 10001) AS n)));
SELECT vigil.add_task('scan_all', priority => 101);
SELECT vigil.add_task('scan_all', run_after => 'infinity');
SELECT vigil.add_task('scan_all', attempts_max => 0);
UPDATE vigil.settings SET value = '6' WHERE name = 'tasks_open_max';
SELECT vigil.request_detection('{1}');
UPDATE vigil.settings SET value = default_value WHERE name = 'tasks_open_max';

-- Taken by priority, then by time; what is not due yet waits.
SELECT id, kind, state, attempts, claimed_by FROM vigil.claim_task('one');
SELECT id, kind FROM vigil.claim_task('two', '{scan_all}');
SELECT id, kind FROM vigil.claim_task('three');
SELECT id, kind FROM vigil.claim_task('four', '{}');
SELECT vigil.claim_task('');
-- A sign of life; who has not the task cannot touch it.
SELECT vigil.report_progress(4, 'one', 0.25, 'drawing') AS goes_on, vigil.report_progress(4, 'two', 0.5) AS not_mine, vigil.report_progress(99, 'one') AS none;
SELECT progress, stage FROM vigil.tasks WHERE id = 4;
SELECT vigil.report_progress(4, 'one', 'NaN') AS goes_on, vigil.finish_task(4, 'two') AS not_mine, vigil.fail_task(4, 'two', 'mischief') AS not_mine, vigil.release_task(4, 'two') AS not_mine;
-- The picture of a task.
SELECT vigil.read_export(4);
SELECT vigil.store_rendering('00000000-0000-0000-0000-00000000000a', 'svg', 2, 60, 3, '2026-01-01Z', '<svg/>');
SELECT vigil.finish_task(4, 'one', '{"bytes": 6}') AS finished, vigil.finish_task(4, 'one') AS twice;
SELECT convert_from(vigil.read_export(4), 'UTF8');
SELECT vigil.read_export(2);
CALL vigil.wait_for_task(4, '1 second');
-- A failure: again later, twice as late each time, then dead.
UPDATE vigil.settings SET value = '3' WHERE name = 'task_attempts_max';
SELECT vigil.fail_task(2, 'two', E'out of luck: %s \x1b[31m') AS state;
SELECT state, error, round(extract(epoch FROM run_after - heartbeat_at)) AS seconds FROM vigil.tasks WHERE id = 2;
CREATE FUNCTION pg_temp.fail_again(failing bigint, nth integer) RETURNS TABLE (state text, attempts integer, seconds numeric) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE vigil.tasks SET run_after = now() WHERE id = failing;
    PERFORM vigil.claim_task('two', '{scan_all}');
    PERFORM vigil.fail_task(failing, 'two', 'out of luck');
    RETURN QUERY SELECT task.state, task.attempts, CASE WHEN task.finished_at IS NULL THEN round(extract(epoch FROM task.run_after - task.heartbeat_at)) END FROM vigil.tasks AS task WHERE id = failing;
END
$$;
SELECT again.* FROM generate_series(1, 3) AS nth, pg_temp.fail_again(2, nth) AS again;
CALL vigil.wait_for_task(2, '1 second');
SELECT vigil.retry_task(2);
SELECT state, attempts, finished_at, error FROM vigil.tasks WHERE id = 2;
SELECT vigil.retry_task(2);
-- Final at once.
SELECT id FROM vigil.claim_task('two', '{scan_all}');
SELECT vigil.fail_task(2, 'two', '', is_final => true) AS state;
SELECT state, attempts, error FROM vigil.tasks WHERE id = 2;
-- Whoever had it is gone: the next one takes it; the late one has lost it.
SELECT id, claimed_by FROM vigil.tasks WHERE state = 'running';
UPDATE vigil.tasks SET lease_until = now() - interval '1 second', heartbeat_at = '2026-01-01Z' WHERE id = 1;
SELECT id, attempts, claimed_by, error FROM vigil.claim_task('three', '{detect}');
SELECT vigil.report_progress(1, 'one') AS one_goes_on, vigil.finish_task(1, 'one') AS one_finishes, vigil.report_progress(1, 'three') AS three_goes_on;
UPDATE vigil.tasks SET lease_until = now() - interval '1 second', attempts = attempts_max WHERE id = 1;
SELECT * FROM vigil.claim_task('four', '{detect}');
SELECT state, attempts FROM vigil.tasks WHERE id = 1;
-- Given back: that was no attempt.
SELECT id, attempts FROM vigil.claim_task('one', '{daily_report}');
SELECT vigil.release_task(3, 'one') AS state;
SELECT state, attempts FROM vigil.tasks WHERE id = 3;
-- Cancelled: at once if it waits; if it runs its runner is asked to stop.
SELECT vigil.cancel_task(3), vigil.cancel_task(3) AS again, vigil.cancel_task(4) AS done_before;
SELECT id FROM vigil.claim_task('one', '{retrain}');
SELECT vigil.cancel_task(5) AS asked, vigil.report_progress(5, 'one') AS goes_on, vigil.store_model(5, 'one', 'v1', '{}', '\x00') AS stored, vigil.release_task(5, 'one') AS state;
SELECT vigil.cancel_task(99);
CALL vigil.wait_for_task(3, '1 second');
SELECT vigil.retry_task(5) = 5 AS queued;
SELECT action, object_id FROM vigil.audit_log WHERE object_kind = 'task' ORDER BY seq;
-- The model and the end of its task are one step.
SELECT vigil.store_model(5, 'one', 'v1', '{}', '\x00') AS not_taken;
SELECT id FROM vigil.claim_task('one', '{retrain}');
SELECT vigil.store_model(5, 'two', 'v1', '{}', '\x00') AS not_mine, vigil.store_model(5, 'one', 'v1', '{"rows": 5}', '\x00', '{"rows": 5}') AS stored;
SELECT state, result FROM vigil.tasks WHERE id = 5;
SELECT version, state, note FROM vigil.models;
SELECT vigil.store_model(5, 'one', 'v2', '{}', '\x00') AS twice;
-- Waiting in vain.
CALL vigil.wait_for_task(99);
CALL vigil.wait_for_task(NULL);
CALL vigil.wait_for_task(6, '20 milliseconds');
CALL vigil.wait_for_task(6, NULL);
BEGIN;
CALL vigil.wait_for_task(6, '20 milliseconds');
ROLLBACK;
-- One line each, within 120 columns.
SELECT id, kind, state, progress, tries, by, note FROM vigil.task_status;
SELECT max(length(concat_ws(' | ', lpad(id::text, 6), rpad(kind, 12), rpad(state, 9), lpad(progress, 9), rpad(filed, 6), rpad(coalesce(took, ''), 8), rpad(tries, 5), rpad(by, 12), rpad(note, 27)))) <= 118 AS fits FROM vigil.task_status;

-- Who may what.
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_vigil_ann IN ROLE vigil_analyst;
CREATE ROLE regress_vigil_bob IN ROLE vigil_analyst;
CREATE ROLE regress_vigil_adm IN ROLE vigil_admin;
\set VERBOSITY terse
SET SESSION AUTHORIZATION regress_vigil_ann;
SELECT vigil.request_scan() AS scan \gset
SELECT vigil.retrain();
SELECT vigil.add_task('retrain');
SELECT vigil.add_task('maintenance');
SELECT vigil.cancel_task(6);
SELECT vigil.retry_task(5);
SELECT vigil.claim_task('ann');
SELECT vigil.file_task('scan_all', '{}', 0, now(), 1);
SELECT vigil.run_schedules();
INSERT INTO vigil.tasks (kind, requested_by, attempts_max) VALUES ('retrain', 'somebody else', 1);
UPDATE vigil.tasks SET state = 'done';
SELECT vigil.schedule_task('mine', '* * * * *', 'retrain');
SET SESSION AUTHORIZATION regress_vigil_bob;
SELECT vigil.cancel_task(:scan);
SET SESSION AUTHORIZATION regress_vigil_ann;
SELECT vigil.cancel_task(:scan);
SET SESSION AUTHORIZATION regress_vigil_adm;
SELECT vigil.add_task('maintenance', run_after => now() + interval '2 hours') > 0 AS filed;
SELECT vigil.schedule_task('mine', '* * * * *', 'scan_all') IS NOT NULL AS scheduled;
UPDATE vigil.schedules SET next_run_at = now() - interval '1 minute' WHERE name = 'mine';
SELECT vigil.run_schedules() AS filed;
SELECT vigil.unschedule_task('mine');
RESET SESSION AUTHORIZATION;
SET ROLE vigil_sidecar;
SELECT count(*) FROM vigil.claim_task('sidecar');
SELECT kind FROM vigil.tasks WHERE claimed_by = 'sidecar';
SELECT vigil.fail_task(id, 'sidecar', 'tired', true) FROM vigil.tasks WHERE claimed_by = 'sidecar';

UPDATE vigil.tasks SET state = 'queued';
INSERT INTO vigil.models (version, archive) VALUES ('mischief', '\x00');
SELECT vigil.retrain();
RESET ROLE;

-- What would be: rows that are not there are judged by a task, and nothing of them is stored.
\set VERBOSITY default
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.check_task_arguments('preview', '{"entities": [{"ref": "mule", "type": "domain", "name": "m", "confidence": 0.4}, {"id": 2, "risk_score": 0.9}, {"id": -7, "type": "domain", "tags": null}],
    "relationships": [{"source": "mule", "target": 1, "type": "owns"}, {"source": -7, "target": 2, "type": "owns", "weight": 3}, {"id": 1, "confidence": 0.1}]}') AS checked \gset
SELECT jsonb_pretty(:'checked');
SELECT vigil.check_task_arguments('preview', :'checked') = :'checked' AS is_stable;
SELECT vigil.request_preview();
SELECT vigil.request_preview('{}');
SELECT vigil.request_preview('[3]');
SELECT vigil.request_preview('[{"type": "dragon"}]');
SELECT vigil.request_preview('[{"name": "no type"}]');
SELECT vigil.request_preview('[{"type": "domain", "colour": "red"}]');
SELECT vigil.request_preview('[{"type": "domain", "confidence": 1.5}]');
SELECT vigil.request_preview('[{"type": "domain", "confidence": "high"}]');
SELECT vigil.request_preview('[{"type": "domain", "first_seen": "infinity"}]');
SELECT vigil.request_preview('[{"id": 99}]');
SELECT vigil.request_preview('[{"id": "x", "type": "domain"}]');
SELECT vigil.request_preview('[{"ref": "a", "type": "domain"}, {"ref": "a", "type": "domain"}]');
SELECT vigil.request_preview('[]', '[{"source": 1, "target": "nobody", "type": "owns"}]');
SELECT vigil.request_preview('[]', '[{"source": 1, "type": "owns"}]');
SELECT vigil.request_preview('[]', '[{"source": 1, "target": 2, "type": "befriends"}]');
SELECT vigil.request_preview('[]', '[{"id": 99, "confidence": 0.5}]');
SELECT vigil.request_preview((SELECT jsonb_agg('{"type": "domain"}'::jsonb) FROM generate_series(1, 101)));
SET SESSION AUTHORIZATION regress_vigil_ann;
SELECT vigil.request_preview('[{"ref": "mule", "type": "domain"}]', '[{"source": "mule", "target": 1, "type": "owns"}]') AS preview \gset
SELECT vigil.score_preview(:preview);
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM vigil.claim_task('previewer', '{preview}');
SELECT vigil.finish_task(:preview, 'previewer', '{"subjects": [{"kind": "entity", "id": -1, "ref": "mule", "name": "mule", "type": "domain", "score_before": null, "score": 0.25, "severity": "low", "p_value": 0.05, "confidence": 0.4, "anomaly_type": null, "summary": null, "explanation": null}]}');
SELECT * FROM vigil.score_preview(:preview);
SELECT vigil.score_preview(1);
SELECT vigil.score_preview(NULL);

DROP ROLE regress_vigil_ann, regress_vigil_bob, regress_vigil_adm;

-- Pictures: the stored one, an old one, none, and who waits for one.
\set VERBOSITY default
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 2);
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a');
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000b');
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 11);
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 2, 0);
SELECT vigil.store_rendering('00000000-0000-0000-0000-00000000000a', 'svg', 1, 60, 3, '2026-01-01Z', NULL, 'no such font');
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a');
UPDATE vigil.anomalies SET last_detected = '2026-01-02Z';
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 2);
INSERT INTO vigil.sidecars (host, pid, state) VALUES ('here', 1, 'following');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 2);
ROLLBACK;
SELECT vigil.anomaly_svg('00000000-0000-0000-0000-00000000000a', 2, timeout_milliseconds => 30);
SELECT count(*) AS locks_left FROM pg_locks WHERE locktype = 'advisory';
SELECT is_called AS rang FROM vigil.drawing_bell;
-- What a waiting caller holds, seen by the sidecar.
BEGIN;
SELECT pg_advisory_xact_lock_shared(1986618464 + part, (('x' || substr(replace('f0000000-0000-4000-8000-0000000000fa', '-', ''), 8 * part + 1, 8))::bit(32))::integer) FROM generate_series(0, 3) AS part \g /dev/null
SELECT pg_advisory_xact_lock_shared(1986618468, 3 * 1000 + 500) \g /dev/null
SELECT * FROM vigil.wanted_drawings();
ROLLBACK;
BEGIN;
DELETE FROM vigil.renderings;
UPDATE vigil.anomalies SET id = 'f0000000-0000-4000-8000-0000000000fa';
SELECT pg_advisory_xact_lock_shared(1986618464 + part, (('x' || substr(replace('f0000000-0000-4000-8000-0000000000fa', '-', ''), 8 * part + 1, 8))::bit(32))::integer) FROM generate_series(0, 3) AS part \g /dev/null
SELECT pg_advisory_xact_lock_shared(1986618468, 3 * 1000 + 500) \g /dev/null
SELECT * FROM vigil.wanted_drawings();
SELECT vigil.store_rendering('f0000000-0000-4000-8000-0000000000fa', 'svg', 3, 500, 3, '2026-01-02Z', '<svg/>');
SELECT * FROM vigil.wanted_drawings();
ROLLBACK;

-- Kept for a time.
UPDATE vigil.tasks SET finished_at = now() - interval '31 days' WHERE id IN (3, 4);
UPDATE vigil.renderings SET drawn_at = now() - interval '8 days';
UPDATE vigil.upkeep SET round_ended_at = NULL;
DO $$ BEGIN WHILE vigil.run_upkeep() LOOP END LOOP; END $$;
SELECT count(*) FROM vigil.tasks WHERE id IN (3, 4);
SELECT count(*) FROM vigil.renderings;
DELETE FROM vigil.sidecars;
DELETE FROM vigil.tasks;
DELETE FROM vigil.anomalies;
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
DELETE FROM vigil.incidents;
UPDATE vigil.settings SET value = default_value WHERE value <> default_value;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
