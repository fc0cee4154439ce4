-- What somebody could try who has no more than a role of Vigil's.
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.grant_roles() IS NOT NULL AS granted;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 4) AS n;
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'entity', n, 'domain', 'host ' || n, n, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules' FROM generate_series(1, 4) AS n;
INSERT INTO vigil.models (version, archive) VALUES ('1', '1'), ('2', '2');
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_vigil_ann LOGIN;
CREATE ROLE regress_vigil_eve LOGIN;
CREATE ROLE regress_vigil_adam LOGIN;
CREATE ROLE regress_vigil_robot LOGIN;
GRANT vigil_analyst TO regress_vigil_ann;
GRANT vigil_reader TO regress_vigil_eve;
GRANT vigil_admin TO regress_vigil_adam;
GRANT vigil_sidecar TO regress_vigil_robot;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_vigil_ann', current_database()) \gexec
\set VERBOSITY terse

-- Hostile objects in front of everything: functions, operators, tables and types of the same names.
SET SESSION AUTHORIZATION regress_vigil_ann;
CREATE SCHEMA evil;
CREATE TABLE evil.caught (trap text);
GRANT ALL ON SCHEMA evil TO PUBLIC;
GRANT ALL ON evil.caught TO PUBLIC;
CREATE FUNCTION evil.fall(trap text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN INSERT INTO evil.caught VALUES (trap || ' as ' || current_user); RETURN true; END $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('now') THEN '-infinity'::timestamptz END $$;
CREATE FUNCTION evil.length(text) RETURNS integer LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('length') THEN 0 END $$;
CREATE FUNCTION evil.coalesce_text(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('set_config') THEN '' END $$;
CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('sha256') THEN '\x00'::bytea END $$;
CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('to_jsonb') THEN '{}'::jsonb END $$;
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT CASE WHEN evil.fall('clock_timestamp') THEN 'epoch'::timestamptz END $$;
CREATE FUNCTION evil.uuid_equal(uuid, uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT evil.fall('uuid = uuid') $$;
CREATE FUNCTION evil.text_equal(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT evil.fall('text = text') $$;
CREATE FUNCTION evil.text_like(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT evil.fall('text ~~* text') $$;
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.uuid_equal);
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.text_equal);
CREATE OPERATOR evil.~~* (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.text_like);
CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.text_equal);
CREATE TABLE evil.anomalies AS SELECT * FROM vigil.anomalies LIMIT 0;
CREATE TABLE evil.settings AS SELECT * FROM vigil.settings LIMIT 0;
CREATE TEMPORARY TABLE anomalies AS SELECT * FROM vigil.anomalies LIMIT 0;
CREATE TEMPORARY TABLE audit_head (singleton boolean, seq bigint, hash bytea);
CREATE TEMPORARY TABLE pg_class (oid oid, relname name);
CREATE TEMPORARY TABLE pg_proc (oid oid, proname name);
CREATE FUNCTION pg_temp.clean_label(text, integer) RETURNS text LANGUAGE sql AS $$ SELECT evil.fall('clean_label')::text $$;
CREATE TYPE pg_temp.detection AS (x integer);
SET search_path = evil, pg_temp, pg_catalog;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided', 'seen');
SELECT vigil.review_anomalies('{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002}', 'benign');
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000002') IS NULL;
SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000001', 'ann');
SELECT vigil.assign_incident((SELECT min(incident_id) FROM vigil.anomalies), 'ann');
SELECT vigil.suppress_anomalies('noise', name_pattern => 'host 3%') > 0;
SELECT vigil.lift_suppression((SELECT max(id) FROM vigil.suppressions));
SELECT vigil.merge_incidents((SELECT min(id) FROM vigil.incidents), ARRAY(SELECT id FROM vigil.incidents ORDER BY id LIMIT 2));
SELECT count(*) FROM vigil.list_anomalies(severity => 'high', subject => 'host', verdict => 'none', after => '1/1/ffffffff-0000-0000-0000-000000000001');
SELECT count(*) FROM vigil.entity_anomalies(1);
SELECT count(*) FROM vigil.anomaly('00000000-0000-0000-0000-000000000001');
SELECT count(*) FROM vigil.anomaly_stats(2);
SELECT count(*) FROM vigil.detect_batch('{1,2,99}', 0);
SELECT (vigil.detect_behavior(1, 0)).entity_id;
SELECT length(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', 2)) OPERATOR(pg_catalog.>) 100;
SELECT count(*) FROM vigil.anomalies_open;
SELECT count(*) FROM vigil.incidents_open;
SELECT count(*) OPERATOR(pg_catalog.>) 10 AS many FROM vigil.decisions_recent;
SELECT finding FROM vigil.verify_audit();
RESET search_path;
-- Only what the statements themselves called, as the one who wrote them.
SELECT DISTINCT trap FROM evil.caught ORDER BY 1;
DISCARD TEMP;

-- Whose decision it is cannot be claimed, and none can be made without a trace.
SELECT count(*) AS before FROM vigil.audit_log \gset
SET row_security = off;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign', 'as ''regress_vigil_owner''');
SELECT vigil.assign_anomalies('{00000000-0000-0000-0000-000000000003}', 'eve');
SELECT vigil.suppress_anomalies('quiet', entity_id => 4) > 0 AS suppressed;
RESET row_security;
SELECT count(*) - :before AS recorded FROM vigil.audit_log;
SET ROLE vigil_analyst;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided');
RESET ROLE;
SELECT DISTINCT actor, acting_role FROM vigil.audit_log WHERE seq > :before ORDER BY 1, 2;
SELECT reviewed_by FROM vigil.anomalies WHERE id = '00000000-0000-0000-0000-000000000001';

-- Tables that only functions and triggers write.
UPDATE vigil.anomalies SET verdict = 'benign', reviewed = true;
INSERT INTO vigil.audit_log SELECT * FROM vigil.audit_log LIMIT 1;
UPDATE vigil.audit_log SET actor = 'eve';
DELETE FROM vigil.audit_log;
TRUNCATE vigil.audit_log;
UPDATE vigil.audit_head SET seq = 0;
UPDATE vigil.reviews SET reviewed_by = 'eve';
INSERT INTO vigil.suppressions (entity_id, reason, created_by, expires_at) VALUES (1, 'r', 'eve', 'infinity');
UPDATE vigil.incidents SET assigned_to = 'eve';
DELETE FROM vigil.model_activations;
INSERT INTO vigil.anomaly_counts (day, measure, severity, anomaly_type, difference) VALUES ('2026-01-01', 'found', 'high', 'temporal', 1);
ALTER TABLE vigil.audit_log DISABLE TRIGGER audit_log_keep;
ALTER TABLE vigil.anomalies DISABLE ROW LEVEL SECURITY;
DROP POLICY vigil_reader_select ON vigil.anomalies;
CREATE POLICY mine ON vigil.audit_log FOR ALL USING (true);
CREATE TRIGGER mine BEFORE INSERT ON vigil.audit_log FOR EACH ROW EXECUTE FUNCTION vigil.refuse_audit_change();
CREATE FUNCTION vigil.mine() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;
ALTER FUNCTION vigil.review_anomalies(uuid[], text, text) SECURITY INVOKER;
-- The inner parts of the functions that decide.
SELECT vigil.record_decision('review', 'anomaly', '1', NULL, NULL);
SELECT vigil.lock_audit();
SELECT vigil.lock_anomalies('{}');
SELECT vigil.apply_suppressions(NULL);
SELECT vigil.fold_anomaly_counts();
SELECT vigil.make_policies();
SELECT vigil.grant_roles();
SELECT vigil.switch_model('entity', '1');
SELECT vigil.activate_model('1');
SELECT vigil.rollback_model();
-- Their trigger functions, on a table of one's own.
CREATE TEMPORARY TABLE mine (id text, kind text, version text, state text);
CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION vigil.audit_decision('setting', 'id');
CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION vigil.record_activation();
CREATE TRIGGER mine BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION vigil.place_anomaly();
DISCARD TEMP;
-- To learn by a leaky function in a WHERE clause what a policy hides: there is nothing hidden from a reader, and a stranger gets nothing.
SET SESSION AUTHORIZATION regress_vigil_eve;
SELECT count(*) FROM vigil.anomalies;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign');
SELECT vigil.suppress_anomalies('quiet', entity_id => 4);
SELECT vigil.assign_incident(1);
UPDATE vigil.anomalies SET assigned_to = 'eve';

-- The administrator: settings and models, each recorded, none in silence.
SET SESSION AUTHORIZATION regress_vigil_adam;
SET row_security = off;
UPDATE vigil.settings SET value = '0.9' WHERE name = 'anomaly_threshold';
UPDATE vigil.indicators SET weight = 0;
INSERT INTO vigil.entity_types (type) VALUES ('evil');
UPDATE vigil.models SET state = 'active' WHERE version = '1';
SELECT vigil.activate_model('1');
RESET row_security;
SELECT retired FROM vigil.activate_model('1');
SELECT retired FROM vigil.activate_model('2');
SET row_security = off;
SELECT activated FROM vigil.rollback_model();
RESET row_security;
UPDATE vigil.settings SET value = '0.6' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = default_value WHERE name = 'anomaly_threshold';
SELECT actor, action, object_id FROM vigil.audit_log ORDER BY seq DESC LIMIT 7;
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('bad', 'temporal', 'entity', '{"all": "\u0000"}', 'd', 'r');
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('bad', 'temporal', 'entity', '[]', 'd', 'r');
UPDATE vigil.settings SET default_value = '1';
DELETE FROM vigil.anomalies;
DELETE FROM vigil.audit_log;

-- The sidecar: what it finds, and nothing of what people decide.
SET SESSION AUTHORIZATION regress_vigil_robot;
UPDATE vigil.anomalies SET verdict = 'benign', reviewed = true;
UPDATE vigil.anomalies SET assigned_to = 'nobody';
UPDATE vigil.anomalies SET suppressed_until = NULL, suppressed_by = NULL;
UPDATE vigil.anomalies SET incident_id = 1;
INSERT INTO vigil.anomalies (subject_kind, subject_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, reviewed, verdict) VALUES ('entity', 1, 'temporal', 0.7, 0.7, 0.5, 'high', 'rules', true, 'benign');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign');
UPDATE vigil.entities SET name = 'renamed';
UPDATE vigil.settings SET value = value;
UPDATE vigil.models SET state = 'retired';
-- Its statements as they are: an entity held while its anomaly is written, opened and repeated.
SELECT id FROM vigil.entities WHERE id = 1 FOR KEY SHARE;
INSERT INTO vigil.anomalies AS a (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
SELECT 'entity', id, type, name, id, 'temporal', 0.7, 0.7, 0.5, 'high', 'rules' FROM vigil.entities WHERE id IN (1, 2)
ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active DO UPDATE SET anomaly_score = excluded.anomaly_score, occurrences = a.occurrences + 1, updated_at = now()
RETURNING subject_id, occurrences, incident_id IS NOT NULL AS placed;
UPDATE vigil.anomalies SET is_active = false, resolved_at = now(), resolution = 'over' WHERE subject_id = 2 AND anomaly_type = 'temporal';
UPDATE vigil.entities SET inserted_xid = '1' WHERE id = 1 RETURNING inserted_xid <> '1' AS kept;
COPY vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) FROM STDIN;

-- A right that somebody gave by mistake shows nothing without a policy; a writer needs none.
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_vigil_stray LOGIN;
GRANT USAGE ON SCHEMA vigil TO regress_vigil_stray;
GRANT ALL ON ALL TABLES IN SCHEMA vigil TO regress_vigil_stray;
SET SESSION AUTHORIZATION regress_vigil_stray;
SELECT (SELECT count(*) FROM vigil.anomalies) AS anomalies, (SELECT count(*) FROM vigil.audit_log) AS decisions, (SELECT count(*) FROM vigil.settings) AS settings, (SELECT count(*) FROM vigil.models) AS models;
DELETE FROM vigil.anomalies;
UPDATE vigil.settings SET value = '1' WHERE name = 'anomaly_threshold';
INSERT INTO vigil.models (version, archive) VALUES ('3', '3');
SELECT count(*) FROM vigil.anomalies_open;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'by a writer') RETURNING name;
UPDATE vigil.entities SET confidence = 0.5 WHERE name = 'by a writer' RETURNING confidence;
DELETE FROM vigil.entities WHERE name = 'by a writer' RETURNING name;
-- The one thing that row-level security takes from a writer who is not the owner.
COPY vigil.entities (type, name) FROM STDIN;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_vigil_stray;
DROP ROLE regress_vigil_stray;

-- Texts through every argument: quotes, markup, direction marks, invisible and very long ones.
SET SESSION AUTHORIZATION regress_vigil_ann;
CREATE TEMPORARY TABLE hostile (n integer, bad text);
INSERT INTO hostile VALUES (1, $$'; DROP TABLE vigil.anomalies; --$$), (2, '%s %I %L %1$s'), (3, E'two\nlines\ttab \\ \\\\ \x01'), (4, E'\u202Eevil\u202C \u200B\uFEFF'), (5, '"quoted" $$dollars$$ ${x} {name}'), (6, repeat('x', 100000)), (7, ''), (8, '<script>alert(1)</script> &amp; %00 \u0000');
CREATE FUNCTION pg_temp.try(statement text, bad text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement USING bad;
    RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
    -- An error of the kind that a caller can branch on, and one line that a terminal survives.
    RETURN CASE WHEN SQLSTATE IN ('22023', '02000', '42704', '22001', '54000', '22P02') AND SQLERRM !~ E'[\\x01-\\x1f\\u202e]' AND length(SQLERRM) < 400 THEN SQLSTATE ELSE SQLSTATE || ' ' || left(SQLERRM, 100) END;
END
$$;
SELECT argument, string_agg(pg_temp.try(statement, bad), ' ' ORDER BY n) AS answers
FROM hostile, (VALUES
    ('notes', $s$SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided', $1)$s$),
    ('verdict', $s$SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', $1)$s$),
    ('assignee', $s$SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000001', $1)$s$),
    ('incident assignee', $s$SELECT vigil.assign_incident((SELECT min(incident_id) FROM vigil.anomalies), $1)$s$),
    ('reason', $s$SELECT vigil.suppress_anomalies($1, entity_id => 9)$s$),
    ('lift reason', $s$SELECT vigil.lift_suppression(vigil.suppress_anomalies('r', entity_id => 9), $1)$s$),
    ('subject_type', $s$SELECT vigil.suppress_anomalies('r', subject_type => $1)$s$),
    ('anomaly_type', $s$SELECT vigil.suppress_anomalies('r', anomaly_type => $1)$s$),
    ('indicator', $s$SELECT vigil.suppress_anomalies('r', indicator => $1)$s$),
    ('name_pattern', $s$SELECT vigil.suppress_anomalies('r', name_pattern => $1)$s$),
    ('severity', $s$SELECT * FROM vigil.list_anomalies(severity => $1)$s$),
    ('type', $s$SELECT * FROM vigil.list_anomalies(type => $1)$s$),
    ('state', $s$SELECT * FROM vigil.list_anomalies(state => $1)$s$),
    ('verdict filter', $s$SELECT * FROM vigil.list_anomalies(verdict => $1)$s$),
    ('subject', $s$SELECT * FROM vigil.list_anomalies(subject => $1)$s$),
    ('method', $s$SELECT * FROM vigil.list_anomalies(method => $1)$s$),
    ('assigned_to', $s$SELECT * FROM vigil.list_anomalies(assigned_to => $1)$s$),
    ('order_by', $s$SELECT * FROM vigil.list_anomalies(order_by => $1)$s$),
    ('after', $s$SELECT * FROM vigil.list_anomalies(after => $1)$s$),
    ('cursor order', $s$SELECT vigil.anomaly_cursor('00000000-0000-0000-0000-000000000001', $1)$s$),
    ('anchor', $s$SELECT * FROM vigil.verify_audit($1)$s$)) AS calls (argument, statement)
GROUP BY argument ORDER BY argument;
GRANT SELECT ON hostile TO regress_vigil_adam;
SET SESSION AUTHORIZATION regress_vigil_adam;
SELECT vigil.activate_model(bad) FROM hostile WHERE n = 1;
SELECT vigil.activate_model(bad) FROM hostile WHERE n = 4;
SELECT vigil.rollback_model(bad) FROM hostile WHERE n = 2;
SELECT vigil.rollback_model(bad) FROM hostile WHERE n = 6;
-- They are all shown in one line each.
SET SESSION AUTHORIZATION regress_vigil_ann;
SELECT bool_and(concat_ws(' ', subject, state) !~ E'[\\x01-\\x1f\\u202e\\u200b]') AS clean FROM vigil.list_anomalies(state => 'all');
SELECT bool_and(concat_ws(' ', actor, object, change) !~ E'[\\x01-\\x1f\\u202e\\u200b]' AND length(change) <= 32) AS clean FROM vigil.decisions_recent;
SELECT bool_and(concat_ws(' ', what, reason, by) !~ E'[\\x01-\\x1f\\u202e\\u200b]' AND length(what) <= 34) AS clean FROM vigil.suppressions_active;
SELECT finding FROM vigil.verify_audit();

RESET SESSION AUTHORIZATION;
\set VERBOSITY default
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
DROP OWNED BY regress_vigil_ann, regress_vigil_eve, regress_vigil_adam, regress_vigil_robot;
DROP ROLE regress_vigil_ann, regress_vigil_eve, regress_vigil_adam, regress_vigil_robot;
RESET client_min_messages;
DELETE FROM vigil.anomalies;
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
DELETE FROM vigil.suppressions;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
