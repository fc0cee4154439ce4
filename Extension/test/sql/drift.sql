-- Checks for drift: what a task leaves, whom it tells, when it asks for a training.
SET SESSION AUTHORIZATION regress_vigil_owner;
\set SHOW_CONTEXT never
ALTER TABLE vigil.tasks ALTER COLUMN id RESTART;
SELECT count(*) FROM vigil.drift_report;
SELECT vigil.add_task('drift', '{"seed": -1}');
\set report '{"as_of": 1773122400, "trained_at": 1772517600, "model_version": "v1.2.0", "verdict": "drift", "summary": "Drift in confidence_score of entities (arrivals).", "findings": [{"scope": "entities", "group": "arrivals", "measure": "tag_count", "verdict": "stable", "motion": "none", "reference": 2, "value": 2.00049, "psi": 0.012, "ks": 0.03, "p": 0.4, "adjusted_p": 1, "reference_rows": 400, "rows": 120}, {"scope": "entities", "group": "arrivals", "measure": "confidence_score", "verdict": "drift", "motion": "none", "reference": 0.8, "value": 0.55, "psi": 2.1, "ks": 0.7, "p": 1e-20, "adjusted_p": 4e-19, "reference_rows": 400, "rows": 120}, {"scope": "relationships", "group": "activity", "measure": "arrivals", "verdict": "too few rows", "motion": "none", "reference_rows": 3, "rows": 1}]}'
\set calm '{"as_of": 1773122400, "trained_at": 1772517600, "model_version": "v1.2.0", "verdict": "stable", "summary": "No drift in 40 measures.", "findings": []}'
CREATE FUNCTION pg_temp.check_once(report jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    task bigint := vigil.check_drift();
BEGIN
    PERFORM FROM vigil.claim_task('one', '{drift}');
    IF vigil.store_drift(task, 'two', check_once.report) THEN
        RAISE EXCEPTION 'another runner stored it';
    END IF;
    IF NOT vigil.store_drift(task, 'one', check_once.report) THEN
        RAISE EXCEPTION 'it was not stored';
    END IF;
    RETURN (SELECT result - '{report,retrain_task}'::text[] FROM vigil.tasks WHERE id = task);
END
$$;
SELECT pg_temp.check_once(:'calm');
SELECT verdict, model, measure FROM vigil.drift_report;
SELECT pg_temp.check_once(:'report');
SELECT scope, compared, measure, verdict, reference, value, psi, ks, p, reference_rows, rows, model FROM vigil.drift_report;
SELECT verdict, action, is_announced, retrain_task_id FROM vigil.drift_reports ORDER BY id;
-- What to do is a setting of three words.
UPDATE vigil.settings SET value = '"shout"' WHERE name = 'drift_action';
UPDATE vigil.settings SET value = '"report"' WHERE name = 'drift_action';
SELECT pg_temp.check_once(:'report');
UPDATE vigil.settings SET value = '"retrain"' WHERE name = 'drift_action';
-- Nothing is trained while a training waits; then once, and not again within a week.
SELECT vigil.retrain(seed => 5) AS waiting \gset
SELECT pg_temp.check_once(:'report');
SELECT vigil.cancel_task(:waiting);
SELECT pg_temp.check_once(:'report');
SELECT kind, state, arguments, schedule FROM vigil.tasks WHERE kind = 'retrain' ORDER BY id;
SELECT action, object_kind, after FROM vigil.audit_log WHERE action = 'retrain' ORDER BY seq DESC LIMIT 1;
SELECT vigil.cancel_task(retrain_task_id) FROM vigil.drift_reports WHERE retrain_task_id IS NOT NULL;
SELECT pg_temp.check_once(:'report');
UPDATE vigil.drift_reports SET created_at = created_at - interval '8 days';
SELECT pg_temp.check_once(:'report');
SELECT verdict, action, is_announced, retrain_task_id IS NOT NULL AS retrains FROM vigil.drift_reports ORDER BY id;
-- Listeners are told what to look at.
\setenv PGDATABASE :DBNAME
UPDATE vigil.settings SET value = '"alarm"' WHERE name = 'drift_action';
SELECT vigil.check_drift() AS task \gset
SELECT count(*) FROM vigil.claim_task('one', '{drift}');
\setenv REPORT :report
\setenv TASK :task
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -qAt -c 'LISTEN vigil_drift' -c "SELECT vigil.store_drift($TASK, 'one', '$REPORT')" | sed -E 's/ received from.*//; s/"report": [0-9]+/"report": N/'
-- The daily report says so.
SELECT vigil.report_content(now() - interval '1 day', now() + interval '1 second', now()) -> 'models' -> 'drift' ->> 'summary' AS summary;
SELECT substring(vigil.format_report(vigil.report_content(now() - interval '1 day', now() + interval '1 second', now())) FROM 'Checked for drift at [0-9-]+') IS NOT NULL AS told;
-- They have a time to live.
UPDATE vigil.drift_reports SET created_at = created_at - interval '500 days';
UPDATE vigil.upkeep SET round_ended_at = now() WHERE task <> 'drift reports';
UPDATE vigil.upkeep SET round_ended_at = now() - interval '2 days' WHERE task = 'drift reports';
SELECT vigil.run_upkeep();
SELECT count(*) FROM vigil.drift_reports;
UPDATE vigil.settings SET value = default_value WHERE name LIKE 'drift%';
DELETE FROM vigil.tasks;
DELETE FROM vigil.models;

-- The threshold that a budget or a rate puts in the place of the setting.
SELECT * FROM vigil.alert_threshold;
INSERT INTO vigil.entities (id, type, name) SELECT n, 'domain', 'host ' || n FROM generate_series(1, 20) AS n;
-- A false-discovery rate: the 15 p of Benjamini and Hochberg 1995, section 4, of which four are called at 0.05.
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, p_value, confidence, severity, detection_method)
SELECT n, least(1, -log(p) / 5), p, 1, 'low', 'ensemble'
FROM unnest('{0.0001,0.0004,0.0019,0.0095,0.0201,0.0278,0.0298,0.0344,0.0459,0.3240,0.4262,0.5719,0.6528,0.7590,1.0000}'::numeric[]) WITH ORDINALITY AS test (p, n);
-- Below one in a hundred nothing is an anomaly, so 0.0095 is the last one either way.
UPDATE vigil.settings SET value = '0.05' WHERE name = 'false_discovery_rate';
SELECT round(threshold::numeric, 4) AS threshold, follows, reason, (SELECT count(*) FROM vigil.entity_scores WHERE anomaly_score >= threshold) AS called FROM vigil.alert_threshold;
UPDATE vigil.settings SET value = '0.005' WHERE name = 'false_discovery_rate';
SELECT round(threshold::numeric, 4) AS threshold, (SELECT count(*) FROM vigil.entity_scores WHERE anomaly_score >= threshold) AS called FROM vigil.alert_threshold;
UPDATE vigil.settings SET value = '0.00001' WHERE name = 'false_discovery_rate';
SELECT threshold, reason FROM vigil.alert_threshold;
SELECT is_anomaly FROM vigil.detect_batch('{1}');
UPDATE vigil.settings SET value = '3' WHERE name = 'alert_budget_per_day';
UPDATE vigil.settings SET value = '0' WHERE name = 'false_discovery_rate';
SELECT * FROM vigil.alert_threshold;
-- A budget: two a day of those who came within a day, and not more.
UPDATE vigil.feed_epochs SET at = clock_timestamp();
UPDATE vigil.settings SET value = '2' WHERE name = 'alert_budget_per_day';
SELECT round(threshold::numeric, 4) AS threshold, follows, reason, computed, (SELECT count(*) FROM vigil.entity_scores WHERE anomaly_score >= threshold) AS opened FROM vigil.alert_threshold;
UPDATE vigil.settings SET value = '0.05' WHERE name = 'false_discovery_rate';
-- Within a week: two a day make fourteen, more than there are.
UPDATE vigil.feed_epochs SET at = clock_timestamp() - interval '30 days';
SELECT vigil.adjust_threshold();
SELECT threshold, reason FROM vigil.alert_threshold;
-- A move by less than 0.01 is none.
UPDATE vigil.settings SET value = '0.2' WHERE name = 'alert_budget_per_day';
SELECT vigil.adjust_threshold();
UPDATE vigil.entity_scores SET anomaly_score = anomaly_score + 0.005 WHERE entity_id = 2;
SELECT vigil.adjust_threshold();
UPDATE vigil.entity_scores SET anomaly_score = anomaly_score + 0.02 WHERE entity_id = 2;
SELECT vigil.adjust_threshold();
-- What did not change within the week does not count, what was found then does.
UPDATE vigil.entities SET created_at = now() - interval '30 days', updated_at = now() - interval '30 days' WHERE id = 1;
SELECT vigil.adjust_threshold();
-- The sidecar is told, once.
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -qAt -c 'LISTEN vigil_configuration' -c "UPDATE vigil.settings SET value = '0' WHERE name = 'alert_budget_per_day'" | sed 's/ received from.*//'
SELECT threshold, follows, reason FROM vigil.alert_threshold;
SELECT count(*) FROM vigil.threshold_state;
-- Rules alone have no probabilities.
UPDATE vigil.entity_scores SET p_value = NULL;
UPDATE vigil.settings SET value = '0.1' WHERE name = 'false_discovery_rate';
SELECT threshold, follows, reason FROM vigil.alert_threshold;
UPDATE vigil.settings SET value = '0' WHERE name = 'false_discovery_rate';
DELETE FROM vigil.entity_scores;
DELETE FROM vigil.entities;
RESET SESSION AUTHORIZATION;
