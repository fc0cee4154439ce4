-- The example of docs/triggers.md, as it stands there.
RESET SESSION AUTHORIZATION;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_vigil_owner', current_database()) \gexec
CREATE ROLE regress_vigil_robot LOGIN;
GRANT vigil_sidecar TO regress_vigil_robot;
SET SESSION AUTHORIZATION regress_vigil_owner;
\getenv sources PG_ABS_SRCDIR
\set example :sources '/../../docs/examples/page_and_block.sql'
\set ECHO none
\i :example
\set ECHO all
INSERT INTO vigil.entities (type, name, value) SELECT 'person', 'Person ' || n, 'account-' || n FROM generate_series(1, 4) AS n;
INSERT INTO oncall.accounts (name) SELECT 'account-' || n FROM generate_series(1, 4) AS n;
SELECT vigil.suppress_anomalies('our own tests', name_pattern => 'Person 3') > 0 AS suppressed;
-- As the sidecar: high, critical, suppressed, and one that becomes worse.
CREATE FUNCTION oncall.find(subject bigint, severity text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
    VALUES (('00000000-0000-0000-0000-00000000000' || subject)::uuid, 'entity', subject, 'person', 'Person ' || subject || CASE subject WHEN 2 THEN chr(8238) ELSE '' END, subject, 'behavioral', 0.7, 0.7, 0.9, severity, 'rules');
$$;
GRANT USAGE ON SCHEMA oncall TO regress_vigil_robot;
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -qAt -U regress_vigil_robot -c 'LISTEN oncall' -c "SELECT oncall.find(1, 'high')" -c "SELECT oncall.find(2, 'critical')" -c "SELECT oncall.find(3, 'critical')" -c "SELECT oncall.find(4, 'medium')" | sed 's/ received from.*//' | grep .
RESET SESSION AUTHORIZATION;
SELECT name, blocked_at IS NOT NULL AS blocked, right(blocked_for::text, 1) AS for FROM oncall.accounts ORDER BY name;
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -c 'LISTEN oncall' -c "UPDATE vigil.anomalies SET severity = 'critical', anomaly_score = 0.9, peak_score = 0.9 WHERE subject_id = 4" -c "UPDATE vigil.anomalies SET occurrences = 2" | sed 's/ received from.*//'
SELECT name FROM oncall.accounts WHERE blocked_at IS NOT NULL ORDER BY name;
-- The verdict of an analyst unblocks.
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000002', 'false_positive');
SELECT name FROM oncall.accounts WHERE blocked_at IS NOT NULL ORDER BY name;
-- When blocking fails, the finding stays.
ALTER TABLE oncall.accounts RENAME TO gone;
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method) VALUES ('entity', 1, 1, 'temporal', 0.9, 0.9, 0.9, 'critical', 'rules');
SELECT message FROM oncall.failures;
SET client_min_messages = warning;
DROP SCHEMA oncall CASCADE;
RESET client_min_messages;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'vigil.anomalies'::regclass AND tgname IN ('page_new', 'block_account');
DROP ROLE regress_vigil_robot;
SET SESSION AUTHORIZATION regress_vigil_owner;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.suppressions;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
