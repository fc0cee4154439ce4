-- What a dump carries into another database, and what it leaves behind.
SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
INSERT INTO vigil.entity_types (type, description) VALUES ('wallet', 'A wallet');
UPDATE vigil.entity_types SET shape = 'star' WHERE type = 'domain';
UPDATE vigil.relationship_types SET is_rating = true WHERE type = 'follows';
UPDATE vigil.settings SET value = '0.7' WHERE name = 'anomaly_threshold';
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation, version) VALUES ('my_own', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', 'd', 'r', 4);
INSERT INTO vigil.entities (type, name, value) SELECT 'wallet', 'w' || n, 'v' || n FROM generate_series(1, 5) AS n;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight) SELECT 1, n, 'follows', n FROM generate_series(2, 5) AS n;
UPDATE vigil.entities SET confidence = 0.5, updated_at = '2025-05-05Z' WHERE id = 1;
DELETE FROM vigil.relationships WHERE weight = 5;
INSERT INTO vigil.observation_history (kind, operation, subject_id, recorded_at, observed_at) VALUES ('e', 'H', 1, '2019-01-01Z', '2018-01-01Z');
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, features, detection_method) VALUES (1, 0.7, 0.5, 'high', '{1,NaN}', 'rules');
INSERT INTO vigil.entity_metrics (entity_id, degree) VALUES (1, 3);
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method) VALUES ('entity', 1, 1, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules');
SELECT vigil.review_anomaly(id, 'true_positive', 'noted') FROM vigil.anomalies;
SELECT vigil.suppress_anomalies('for the dump', entity_id => 2, expires_at => 'infinity') > 0 AS suppressed;
SELECT vigil.assign_anomaly(id, 'ann') FROM vigil.anomalies;
INSERT INTO vigil.models (version, state, archive) VALUES ('1', 'active', '\x0102');
INSERT INTO vigil.models (version, archive) VALUES ('2', '\x03');
SELECT * FROM vigil.activate_model('2');
INSERT INTO vigil.sidecars (host, pid) VALUES ('here', 1);
SELECT vigil.schedule_task('mine', '0 4 * * *', 'detect', '{"entity_ids": [1]}', 'Europe/Berlin') IS NOT NULL AS scheduled;
SELECT vigil.schedule_task('maintenance', '@monthly', 'maintenance') IS NOT NULL AND vigil.schedule_task('daily report', '@weekly', 'daily_report') IS NOT NULL AS changed;
UPDATE vigil.schedules SET is_enabled = false WHERE name = 'maintenance';
SELECT vigil.request_scan() > 0 AS filed, vigil.make_report() > 0 AS reported;
SET TimeZone = 'America/Caracas';
SELECT vigil.audit_anchor() AS anchor, count(*) AS decisions FROM vigil.audit_log \gset
SELECT sum(difference) AS counted FROM vigil.anomaly_counts WHERE day >= current_date - 1 \gset
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot(), batches = 7;
SELECT vigil.reset_feed('an epoch') > 1 AS later_epoch;

RESET SESSION AUTHORIZATION;
CREATE DATABASE regress_vigil_restored OWNER regress_vigil_owner;
\setenv PGDATABASE :DBNAME
\! bin=$(${PG_CONFIG:-pg_config} --bindir) && "$bin/pg_dump" -Fc | "$bin/pg_restore" --exit-on-error --role=regress_vigil_owner -d regress_vigil_restored && echo restored
\c regress_vigil_restored
SET TimeZone = 'UTC';
SELECT type, code, shape FROM vigil.entity_types WHERE type IN ('wallet', 'domain') ORDER BY code;
SELECT count(*) FROM vigil.entity_types;
SELECT type FROM vigil.relationship_types WHERE is_rating ORDER BY type;
SELECT name, value FROM vigil.settings WHERE value <> default_value;
SELECT name, version FROM vigil.indicators WHERE name = 'my_own';
SELECT id, type, name, confidence, updated_at = '2025-05-05Z' AS updated FROM vigil.entities ORDER BY id;
SELECT count(*), sum(weight) FROM vigil.relationships;
SELECT tableoid::regclass = ('vigil.observation_history_' || vigil.history_slot(recorded_at))::regclass AS in_its_place, kind, operation, subject_id FROM vigil.observation_history ORDER BY recorded_at, kind, operation;
SELECT entity_id, features FROM vigil.entity_scores;
SELECT entity_id, degree FROM vigil.entity_metrics;
SELECT subject_id, verdict, review_notes FROM vigil.anomalies;
SELECT version, state, archive FROM vigil.models ORDER BY version;
-- What was decided, as it was, without a decision more; reviews can be undone, models rolled back.
SELECT count(*) - :decisions AS more_decisions FROM vigil.audit_log;
SELECT finding FROM vigil.verify_audit(:'anchor');
SELECT verdict, reviewed_by FROM vigil.reviews;
SELECT count(*) FROM vigil.suppressions_active WHERE reason = 'for the dump';
SELECT root.id = a.incident_id AS in_its_incident, a.assigned_to FROM vigil.anomalies AS a, vigil.incidents AS root WHERE root.id = vigil.root_incident(a.incident_id);
SELECT sum(difference) = :counted AS counted_again FROM vigil.anomaly_counts WHERE day >= current_date - 1;
SELECT * FROM vigil.rollback_model();
SELECT vigil.undo_review(id) IS NULL AS undone FROM vigil.anomalies;
SELECT vigil.suppress_anomalies('another', entity_id => 3) > 0 AS suppressed;
SELECT finding FROM vigil.verify_audit(:'anchor');
SELECT name, cron, time_zone, arguments, is_enabled, next_run_at > now() AS later FROM vigil.schedules ORDER BY name;
SELECT count(*) AS tasks, (SELECT count(*) FROM vigil.reports WHERE vigil.report(id) = body) AS reports FROM vigil.tasks;
-- The policies are those of an installation.
SELECT count(*) = count(DISTINCT (polrelid, polname)) AS once, vigil.make_policies() AS missing FROM pg_policy WHERE polrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'vigil'::regnamespace);
SELECT count(*) AS without FROM pg_class WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity;
-- The feed starts anew, and every row carries an id of the restore.
SELECT snapshot IS NULL AS nothing_read, batches FROM vigil.feed_state;
SELECT reason FROM vigil.feed_epochs;
SELECT count(*) FROM vigil.sidecars;
SELECT bool_and(inserted_xid < pg_snapshot_xmax(pg_current_snapshot())) AS past FROM vigil.entities;
-- New rows get new keys.
INSERT INTO vigil.entities (type, name) VALUES ('wallet', 'next') RETURNING id;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'follows') RETURNING id;
INSERT INTO vigil.entity_types (type) VALUES ('coin') RETURNING code;
\c contrib_regression_vigil
DROP DATABASE regress_vigil_restored;
