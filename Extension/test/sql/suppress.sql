SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE FUNCTION pg_temp.find(subject bigint, kind text, found_indicators text[], name text DEFAULT 'host') RETURNS void LANGUAGE sql AS $$
    INSERT INTO vigil.anomalies AS a (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, indicators)
    VALUES ('entity', subject, 'domain', name, subject, kind, 0.7, 0.7, 0.5, 'high', 'rules', found_indicators)
    ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active DO UPDATE SET indicators = excluded.indicators, occurrences = a.occurrences + 1;
$$;
CREATE VIEW pg_temp.shown AS SELECT a.subject_id, a.anomaly_type, a.indicators, s.reason, o.id IS NOT NULL AS open, vigil.anomaly_state(a.is_active, a.resolved_at, a.suppressed_until, a.reviewed) AS state
FROM vigil.anomalies a LEFT JOIN vigil.anomalies_open o USING (id) LEFT JOIN vigil.suppressions s ON s.id = a.suppressed_by ORDER BY a.subject_id, a.anomaly_type;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 5) AS n;
-- By subject: what is open already, and what comes.
SELECT pg_temp.find(1, 'behavioral', '{burst}');
SELECT vigil.suppress_anomalies(reason => 'a known scanner', entity_id => 1) AS by_subject \gset
SELECT pg_temp.find(1, 'temporal', '{off_hours}');
SELECT pg_temp.find(2, 'temporal', '{off_hours}');
TABLE pg_temp.shown;
SELECT right(id::text, 0) AS id, state FROM vigil.list_anomalies(state => 'suppressed');
SELECT what, silenced, reason, by FROM vigil.suppressions_active;
-- By type.
SELECT vigil.suppress_anomalies('maintenance', anomaly_type => 'temporal', expires_at => now() + interval '2 hours') AS by_type \gset
TABLE pg_temp.shown;
-- Lifting one leaves what another one covers.
SELECT vigil.lift_suppression(:by_subject, 'it was replaced');
TABLE pg_temp.shown;
SELECT vigil.lift_suppression(:by_subject);
SELECT vigil.lift_suppression(:by_type);
-- By indicator: only what rests on it alone.
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('noisy', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', 'd', 'r');
SELECT vigil.suppress_anomalies('noise', indicator => 'noisy', expires_at => 'infinity') AS by_indicator \gset
SELECT pg_temp.find(3, 'behavioral', '{noisy}');
SELECT pg_temp.find(4, 'behavioral', '{noisy,burst}');
TABLE pg_temp.shown;
-- When the evidence grows it alerts, and is announced; when it shrinks it does not.
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -c 'LISTEN vigil_anomalies' -c "UPDATE vigil.anomalies SET indicators = '{noisy,burst}' WHERE subject_id = 3" -c "UPDATE vigil.anomalies SET indicators = '{noisy}' WHERE subject_id = 4" -c "SELECT 1" | sed -n 's/with payload.*/received/p' | cut -c1-50
TABLE pg_temp.shown;
SELECT what, silenced, ends FROM vigil.suppressions_active;
SELECT vigil.lift_suppression(:by_indicator) AS open_again;
-- By the name of the subject: the signs of LIKE, any case, direction marks and quotes.
SELECT vigil.suppress_anomalies('our own', name_pattern => '%.OWN.example') AS by_name \gset
SELECT pg_temp.find(5, 'behavioral', '{burst}', 'a.own.example');
SELECT subject_id, state FROM pg_temp.shown WHERE subject_id = 5;
-- When it ends by itself nobody has to do anything.
ALTER TABLE vigil.suppressions DISABLE TRIGGER suppressions_audit;
UPDATE vigil.suppressions SET expires_at = now() - interval '1 second' WHERE id = :by_name;
ALTER TABLE vigil.suppressions ENABLE TRIGGER suppressions_audit;
UPDATE vigil.anomalies SET suppressed_until = now() - interval '1 second' WHERE subject_id = 5;
SELECT subject_id, open, state FROM pg_temp.shown WHERE subject_id = 5;
SELECT count(*) FROM vigil.suppressions_active;
-- A repetition of a suppressed anomaly is counted.
SELECT vigil.suppress_anomalies('again', entity_id => 2, subject_type => 'domain', anomaly_type => 'temporal', indicator => 'noisy', name_pattern => 'h_st') AS narrow \gset
SELECT subject_id, state FROM pg_temp.shown WHERE subject_id = 2;
SELECT pg_temp.find(2, 'temporal', '{noisy}');
SELECT pg_temp.find(2, 'temporal', '{noisy}');
SELECT occurrences, suppressed_by = :narrow AS suppressed FROM vigil.anomalies WHERE subject_id = 2;
-- What is refused.
\set VERBOSITY terse
SELECT vigil.suppress_anomalies('everything');
SELECT vigil.suppress_anomalies(NULL, entity_id => 1);
SELECT vigil.suppress_anomalies(E' \t ', entity_id => 1);
SELECT vigil.suppress_anomalies('both', entity_id => 1, relationship_id => 1);
SELECT vigil.suppress_anomalies('past', entity_id => 1, expires_at => now());
SELECT vigil.suppress_anomalies('never', entity_id => 1, expires_at => NULL);
SELECT vigil.suppress_anomalies('slip', anomaly_type => 'temporary');
SELECT vigil.suppress_anomalies('slip', indicator => 'noisi');
SELECT vigil.suppress_anomalies('slip', subject_type => 'domian');
SELECT vigil.suppress_anomalies('bad', name_pattern => 'x\');
SELECT vigil.suppress_anomalies('good', name_pattern => 'x\\') > 0 AS taken;
SELECT vigil.suppress_anomalies('bad', name_pattern => '');
SELECT vigil.suppress_anomalies('bad', name_pattern => repeat('%', 201));
SELECT vigil.suppress_anomalies(repeat('x', 2001), entity_id => 1);
INSERT INTO vigil.suppressions (name_pattern, reason, created_by, expires_at) VALUES ('x\\\', 'r', 'me', 'infinity');
-- In the log, with what was before.
SELECT action, after ->> 'reason' AS reason, before ->> 'lifted_at' IS NULL AND after ->> 'lifted_at' IS NOT NULL AS lifted, after ->> 'lift_reason' AS lift_reason
FROM vigil.audit_log WHERE object_kind = 'suppression' ORDER BY seq;
SELECT finding FROM vigil.verify_audit();
DELETE FROM vigil.indicators WHERE name = 'noisy';
DELETE FROM vigil.suppressions;
DELETE FROM vigil.anomalies;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
