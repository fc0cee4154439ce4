-- An update from every released version gives the catalog of a fresh installation, on both routes.
\! sh "$PG_ABS_SRCDIR/upgrade.sh"

-- What people have added and changed survives, in the extension ...
CREATE ROLE regress_vigil_dashboard;
CREATE DATABASE regress_vigil_updated OWNER regress_vigil_owner;
\c regress_vigil_updated
SET SESSION AUTHORIZATION regress_vigil_owner;
SET client_min_messages = warning;
CREATE EXTENSION vigil VERSION '0.1.0';
RESET client_min_messages;
UPDATE vigil.settings SET value = '0.7' WHERE name = 'anomaly_threshold';
INSERT INTO vigil.entity_types (type, shape) VALUES ('wallet', 'star');
UPDATE vigil.entity_types SET shape = 'star' WHERE type = 'domain';
UPDATE vigil.indicators SET weight = 0.9, is_enabled = false WHERE name = 'missing_name';
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('my_own', 'temporal', 'entity', '{}', 'd', 'r');
CREATE TABLE public.hosts (id bigint PRIMARY KEY, hostname text);
INSERT INTO public.hosts VALUES (1, 'one');
SELECT vigil.attach_entities('public.hosts', type => '''device''', name => 'hostname');
CALL vigil.backfill('public.hosts');
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method) VALUES ('entity', 1, 1, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules');
SELECT vigil.review_anomaly(id, 'benign', 'ours') FROM vigil.anomalies;
CREATE FUNCTION public.page() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER my_own AFTER INSERT ON vigil.anomalies FOR EACH ROW EXECUTE FUNCTION public.page();
CREATE VIEW public.open_ones AS SELECT id, subject FROM vigil.anomalies_open;
CREATE VIEW public.version AS SELECT vigil.version();
GRANT USAGE ON SCHEMA vigil TO regress_vigil_dashboard;
GRANT SELECT ON vigil.anomalies_open TO regress_vigil_dashboard;
GRANT EXECUTE ON FUNCTION vigil.version() TO regress_vigil_dashboard;
\set SHOW_CONTEXT never
-- Refused where it would make objects of another owner, and from another version.
RESET SESSION AUTHORIZATION;
ALTER EXTENSION vigil UPDATE;
\getenv sources PG_ABS_SRCDIR
\setenv PGDATABASE regress_vigil_updated
\! { echo 'SET SESSION AUTHORIZATION regress_vigil_owner;'; sh "$PG_ABS_SRCDIR/../../SQL/join.sh" --update 0.1.0; } | "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -v ON_ERROR_STOP=1 2>&1 | sed 's/^psql:[^ ]* //' | grep -v CONTEXT
SET SESSION AUTHORIZATION regress_vigil_owner;
-- In a subtransaction too, and undone as a whole.
BEGIN;
SAVEPOINT before;
ALTER EXTENSION vigil UPDATE;
SELECT extversion = vigil.version() AND extversion <> '0.1.0' AS updated FROM pg_extension WHERE extname = 'vigil';
ROLLBACK TO before;
SELECT extversion, vigil.version() FROM pg_extension WHERE extname = 'vigil';
COMMIT;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
ALTER EXTENSION vigil UPDATE;
RESET standard_conforming_strings;
ALTER EXTENSION vigil UPDATE TO '0.1.0';
SELECT version = extversion AS as_before FROM public.version, pg_extension WHERE extname = 'vigil';
SELECT name, value FROM vigil.settings WHERE value <> default_value;
SELECT type, shape FROM vigil.entity_types WHERE shape = 'star' ORDER BY type;
SELECT name, weight, is_enabled, version FROM vigil.indicators WHERE name IN ('missing_name', 'my_own') ORDER BY name;
SELECT verdict, count(*) FROM vigil.anomalies GROUP BY verdict;
SELECT finding FROM vigil.verify_audit();
INSERT INTO public.hosts VALUES (2, 'two');
SELECT type, name FROM vigil.entities ORDER BY id;
SELECT attached, state FROM vigil.attached_tables;
SELECT count(*) AS foreign_triggers FROM pg_trigger WHERE tgname = 'my_own';
SELECT has_table_privilege('regress_vigil_dashboard', 'vigil.anomalies_open', 'SELECT') AND has_function_privilege('regress_vigil_dashboard', 'vigil.version()', 'EXECUTE') AS granted_still;
-- The trigger functions of attached tables are no members, and nobody else may hang them on a table.
SELECT deptype, proacl FROM pg_depend, pg_proc WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND refclassid = 'pg_extension'::regclass AND proname ~ '^mirror_[0-9]+$';
SELECT count(*) AS initial_rights_of_mirrors FROM pg_init_privs WHERE classoid = 'pg_proc'::regclass AND objoid = 'vigil.mirror_1()'::regprocedure;
SELECT reason FROM vigil.feed_epochs ORDER BY epoch DESC LIMIT 1 \gset
SELECT :'reason' ~ '^updated from 0.1.0 to ' AS noticed_by_sidecars;
-- What somebody has built on an object that goes is not dropped along: see SQL/updates/end.sql.
DROP VIEW public.open_ones, public.version;
RESET SESSION AUTHORIZATION;
\c contrib_regression_vigil
DROP DATABASE regress_vigil_updated;
DROP ROLE regress_vigil_dashboard;
