SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.models (version, archive) VALUES ('v1.0.0', 'a'), ('v1.1.0', 'b'), ('v1.2.0', 'c');
-- There must be one to challenge, and it must be another.
SELECT * FROM vigil.challenge_model('v1.1.0');
SELECT * FROM vigil.challenge_model('v9');
SELECT activated FROM vigil.activate_model('v1.0.0');
SELECT * FROM vigil.challenge_model('v1.0.0');
SELECT * FROM vigil.promote_model();
SELECT * FROM vigil.challenge_model('v1.1.0');
SELECT * FROM vigil.challenge_model('v1.2.0');
SELECT * FROM vigil.challenge_model('v1.2.0');
SELECT version, state FROM vigil.model_status;
-- At most one, and it stays while it is in use.
UPDATE vigil.models SET state = 'challenger' WHERE version = 'v1.1.0';
SELECT vigil.delete_model('v1.2.0');
INSERT INTO vigil.models (version, kind, archive) VALUES ('r1', 'reviews', 'r');
SELECT * FROM vigil.challenge_model('r1');
SELECT vigil.dismiss_challenger('nothing');
SELECT vigil.dismiss_challenger('reviews') IS NULL AS none;

-- Ten subjects that both have judged: hand-computed.
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'e' || i FROM generate_series(1, 10) AS i;
INSERT INTO vigil.shadow_scores (subject_kind, subject_id, champion_version, challenger_version, champion_score, challenger_score,
    champion_alerts, challenger_alerts, champion_peak, challenger_peak, champion_alerted, challenger_alerted, written_by, judged_count)
SELECT 'entity', id, 'v1.0.0', 'v1.2.0', a, b, a >= 0.5, b >= 0.5, a, b, a >= 0.5, b >= 0.5, 'champion', 2
FROM vigil.entities
JOIN (VALUES ('e1', 0.9, 0.8), ('e2', 0.8, 0.9), ('e3', 0.7, 0.3), ('e4', 0.6, 0.85), ('e5', 0.1, 0.7),
    ('e6', 0.2, 0.2), ('e7', 0.3, 0.1), ('e8', 0, 0), ('e9', 0, 0), ('e10', 0, 0)) AS score (name, a, b) USING (name);
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, subject_type, anomaly_type, all_types, anomaly_score, peak_score, confidence, severity, detection_method, description)
SELECT 'entity', id, id, 'domain', 'behavioral', '{behavioral}', 0.7, 0.7, 0.5, 'high', 'ensemble', 'test'
FROM vigil.entities WHERE name IN ('e1', 'e2', 'e3', 'e4');
SELECT count(vigil.review_anomaly(anomaly.id, CASE WHEN entity.name IN ('e1', 'e2') THEN 'true_positive' WHEN entity.name = 'e3' THEN 'benign' ELSE 'false_positive' END))
FROM vigil.anomalies AS anomaly JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id;
SELECT measure, champion, champion_interval, challenger, challenger_interval, subjects FROM vigil.model_compare;
-- Of an earlier pair nothing is counted.
UPDATE vigil.shadow_scores SET challenger_version = 'v1.1.0' WHERE subject_id = 10;
SELECT measure, challenger, subjects FROM vigil.model_compare WHERE measure = 'judgements';
UPDATE vigil.shadow_scores SET challenger_version = 'v1.2.0+r1';
SELECT measure, challenger, subjects FROM vigil.model_compare WHERE measure = 'judgements';

-- The gate says why not, and changes nothing.
SELECT promoted, version, retired FROM vigil.promote_model();
SELECT unnest(reasons) FROM vigil.promote_model();
UPDATE vigil.settings SET value = '20' WHERE name = 'promotion_changes_min';
BEGIN;
SELECT promoted, version, retired, unnest(reasons) AS reason FROM vigil.promote_model();
ROLLBACK;
UPDATE vigil.settings SET value = '4' WHERE name = 'promotion_reviews_min';
SELECT promoted FROM vigil.promote_model();
UPDATE vigil.settings SET value = '0.25' WHERE name = 'promotion_auroc_loss_max';
BEGIN;
SELECT promoted, unnest(reasons) AS reason FROM vigil.promote_model();
ROLLBACK;
BEGIN;
UPDATE vigil.shadow_scores SET challenger_peak = 0.95, challenger_alerted = true WHERE subject_id IN (3, 4);
SELECT promoted, unnest(reasons) AS reason FROM vigil.promote_model();
ROLLBACK;
UPDATE vigil.shadow_scores SET challenger_alerted = true;
SELECT promoted, version, unnest(reasons) AS reason FROM vigil.promote_model();
-- By force, with the reasons in the log.
SELECT promoted, version, retired, unnest(reasons) AS reason FROM vigil.promote_model(force => true);
SELECT action, object_id, after ->> 'retired' AS retired, jsonb_array_length(after -> 'reasons') AS reasons, after #>> '{figures,alerts,challenger}' AS alerts FROM vigil.audit_log WHERE action ~ 'promot' ORDER BY seq;
SELECT count(*) AS left_over FROM vigil.shadow_scores;
SELECT count(*) AS lines FROM vigil.model_compare;
SELECT * FROM vigil.rollback_model();
SELECT version, state FROM vigil.model_status WHERE kind = 'ensemble';
SELECT action, object_id FROM vigil.audit_log WHERE object_kind = 'model' ORDER BY seq;

-- A comparison begins again when either of the two changes.
SELECT challenger FROM vigil.challenge_model('v1.1.0');
INSERT INTO vigil.shadow_scores (subject_kind, subject_id, champion_version, challenger_version, champion_score, challenger_score,
    champion_alerts, challenger_alerts, champion_peak, challenger_peak, champion_alerted, challenger_alerted, written_by)
VALUES ('entity', 1, 'v1.0.0', 'v1.1.0', 0, 0, false, false, 0, 0, false, false, 'champion');
SELECT measure, champion, champion_interval, challenger, challenger_interval, subjects FROM vigil.model_compare;
BEGIN;
SELECT activated FROM vigil.activate_model('v1.2.0');
SELECT count(*) FROM vigil.shadow_scores;
SELECT version, state FROM vigil.model_status WHERE kind = 'ensemble';
ROLLBACK;
SELECT activated FROM vigil.activate_model('v1.0.0');
SELECT count(*) FROM vigil.shadow_scores;
-- Upkeep takes the rows of subjects that are gone, of other pairs, and those that are old.
INSERT INTO vigil.shadow_scores (subject_kind, subject_id, champion_version, challenger_version, champion_score, challenger_score,
    champion_alerts, challenger_alerts, champion_peak, challenger_peak, champion_alerted, challenger_alerted, written_by, judged_at)
VALUES ('relationship', 1, 'v1.0.0', 'v1.1.0', 0, 0, false, false, 0, 0, false, false, 'champion', now()),
    ('entity', 2, 'v1.0.0', 'v1.2.0', 0, 0, false, false, 0, 0, false, false, 'champion', now()),
    ('entity', 3, 'v1.0.0', 'v1.1.0', 0, 0, false, false, 0, 0, false, false, 'champion', now() - interval '31 days');
UPDATE vigil.upkeep SET round_ended_at = NULL;
DO $$ BEGIN WHILE vigil.run_upkeep(2) LOOP END LOOP; END $$;
SELECT subject_kind, subject_id FROM vigil.shadow_scores;
SELECT vigil.dismiss_challenger();
SELECT count(*) FROM vigil.shadow_scores;

-- A training may ask for a challenge.
SELECT vigil.retrain(challenge => true) AS task \gset
SELECT arguments -> 'challenge' AS challenge FROM vigil.tasks WHERE id = :task;
SELECT vigil.retrain(seed => 2) AS task \gset
SELECT arguments ? 'challenge' AS challenge FROM vigil.tasks WHERE id = :task;
SELECT kind FROM vigil.claim_task('one', '{retrain}');
SELECT vigil.store_model((SELECT max(id) FROM vigil.tasks WHERE state = 'running'), 'one', 'v1.3.0', '{}', '\x00');
SELECT version, state, note LIKE 'task %' AS noted FROM vigil.model_status WHERE kind = 'ensemble';
SELECT kind FROM vigil.claim_task('one', '{retrain}');
SELECT vigil.store_model((SELECT max(id) FROM vigil.tasks WHERE state = 'running'), 'one', 'v1.4.0', '{}', '\x00');
SELECT version, state FROM vigil.model_status WHERE kind = 'ensemble';
SELECT finding FROM vigil.verify_audit();
SELECT low, high FROM vigil.wilson_interval(8, 10);
SELECT low, high FROM vigil.wilson_interval(0, 0);

UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
DELETE FROM vigil.tasks;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.incidents;
UPDATE vigil.settings SET value = default_value WHERE value <> default_value;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
