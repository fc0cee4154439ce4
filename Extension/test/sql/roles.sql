-- An administrator makes the roles later; the owner then grants their rights.
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.grant_roles();
RESET SESSION AUTHORIZATION;
\getenv sources PG_ABS_SRCDIR
\set script :sources '/../../SQL/roles/create_roles.sql'
\set ECHO none
\i :script
\i :script
\set ECHO all
SELECT rolname, rolcanlogin, shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname LIKE 'vigil\_%' ORDER BY rolname;
SELECT roleid::regrole AS role, member::regrole FROM pg_auth_members WHERE roleid::regrole::text LIKE 'vigil\_%' ORDER BY 1::text, 2::text;
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.grant_roles();
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'one');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
VALUES ('00000000-0000-0000-0000-000000000001', 'entity', 1, 1, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules');
RESET SESSION AUTHORIZATION;

\set VERBOSITY terse
SET ROLE vigil_reader;
SELECT score, type FROM vigil.anomalies_open;
SELECT entity_id, is_current FROM vigil.detect_entity(1);
SELECT length(vigil.explain_anomaly('00000000-0000-0000-0000-000000000001')) > 0 AS explains, vigil.anomaly_dot('00000000-0000-0000-0000-000000000001') ~ 'e1 ' AS draws;
SELECT epoch > 0 AS has_epoch FROM vigil.feed_health;
SELECT count(*) FROM vigil.model_status;
SELECT count(*) FROM vigil.anomaly_detail;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign');
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'two');
UPDATE vigil.settings SET value = '0.1' WHERE name = 'anomaly_threshold';
SELECT vigil.reset_feed('mischief');
SELECT vigil.append_epoch('mischief');
SELECT vigil.arm_feed(true);
SELECT setval('vigil.feed_doorbell', 1);
SELECT vigil.grant_roles();
SET ROLE vigil_analyst;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided');
UPDATE vigil.anomalies SET reviewed_by = 'somebody else';
SET ROLE vigil_admin;
UPDATE vigil.settings SET value = '0.6' WHERE name = 'anomaly_threshold' RETURNING value;
UPDATE vigil.settings SET value = default_value WHERE name = 'anomaly_threshold' RETURNING value;
UPDATE vigil.settings SET value = 'false' WHERE name = 'feed_arm' RETURNING value;
UPDATE vigil.settings SET value = 'true' WHERE name = 'feed_arm' RETURNING value;
UPDATE vigil.settings SET default_value = '0.6' WHERE name = 'anomaly_threshold';
INSERT INTO vigil.entity_types (type) VALUES ('wallet') RETURNING type;
DELETE FROM vigil.entity_types WHERE type = 'wallet';
UPDATE vigil.anomalies SET anomaly_score = 0;
SET ROLE vigil_sidecar;
SELECT vigil.arm_feed(false);
UPDATE vigil.feed_state SET batches = batches, armed = false;
INSERT INTO vigil.sidecars (host, pid) VALUES ('here', 1);
DELETE FROM vigil.sidecars;
UPDATE vigil.anomalies SET anomaly_score = 0.65 RETURNING anomaly_score;
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) VALUES (1, 0.7, 0.5, 'high', 'rules') ON CONFLICT DO NOTHING;
DELETE FROM vigil.entity_scores;
SELECT vigil.drop_old_history();
DELETE FROM vigil.entities;
DELETE FROM vigil.anomalies;
INSERT INTO vigil.feed_epochs (reason) VALUES ('mischief');
UPDATE vigil.settings SET value = '0.1' WHERE name = 'anomaly_threshold';
RESET ROLE;
CREATE ROLE regress_vigil_stranger;
SET ROLE regress_vigil_stranger;
SELECT * FROM vigil.anomalies_open;
SELECT vigil.version();
RESET ROLE;
DROP ROLE regress_vigil_stranger;
DELETE FROM vigil.anomalies;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
