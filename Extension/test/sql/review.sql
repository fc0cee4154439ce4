SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 3) AS n;
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'entity', n, 'domain', 'host ' || n, n, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules' FROM generate_series(1, 3) AS n;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'certainly');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', NULL);
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000009', 'benign');
SELECT vigil.review_anomaly(NULL, 'benign');
SELECT vigil.review_anomaly(id => '00000000-0000-0000-0000-000000000001', verdict => 'undecided', notes => 'Let us see; it''s "odd".');
SELECT reviewed, verdict, reviewed_by, review_notes, reviewed_at = updated_at AS touched FROM vigil.anomalies WHERE reviewed;
SELECT count(*) AS still_open FROM vigil.anomalies_open;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign');
SELECT verdict, review_notes, is_active FROM vigil.anomalies WHERE reviewed;
SELECT count(*) AS still_open FROM vigil.anomalies_open;
SELECT state FROM vigil.anomalies_recent ORDER BY state;

-- Undo, step by step, until nothing is left.
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001');
SELECT verdict, review_notes, reviewed_by FROM vigil.anomalies WHERE reviewed;
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001') IS NULL AS unreviewed;
SELECT verdict, review_notes, reviewed_by, reviewed_at FROM vigil.anomalies WHERE id = '00000000-0000-0000-0000-000000000001';
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001');
SELECT vigil.undo_review(NULL);
-- A review after an undo is not undone by it.
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'true_positive');
SELECT verdict, undone_at IS NOT NULL AS undone, undone_by FROM vigil.reviews ORDER BY id;
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001') IS NULL AS unreviewed;

-- Several at once: all or none.
SELECT vigil.review_anomalies('{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000009}', 'benign');
SELECT count(*) FROM vigil.anomalies WHERE reviewed;
SELECT vigil.review_anomalies(ARRAY(SELECT id FROM vigil.anomalies), 'false_positive', 'a test');
SELECT vigil.review_anomalies(ARRAY['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001']::uuid[], 'benign');
SELECT count(*) FROM vigil.reviews WHERE verdict = 'benign' AND undone_at IS NULL;
SELECT vigil.review_anomalies('{}', 'benign');
SELECT vigil.review_anomalies(NULL, 'benign');
\set VERBOSITY terse
SELECT vigil.review_anomalies(array_agg(gen_random_uuid()), 'benign') FROM generate_series(1, 10001);
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign', repeat('x', 10001));
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', repeat('benign', 100000));
\set VERBOSITY default

-- Assignment.
SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000002');
SELECT vigil.assign_anomalies(ARRAY(SELECT id FROM vigil.anomalies), 'ann');
SELECT vigil.assign_anomalies(ARRAY(SELECT id FROM vigil.anomalies), 'ann') AS unchanged;
SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000003', NULL);
SELECT right(id::text, 1) AS id, assigned_to FROM vigil.anomalies ORDER BY id;
SELECT right(id::text, 1) AS id FROM vigil.list_anomalies(assigned_to => 'ann', state => 'all', order_by => 'time') ORDER BY 1;

-- All of it is in the log.
SELECT seq, actor, acting_role, action, object_kind, right(object_id, 1) AS object, before ->> 'verdict' AS before, after ->> 'verdict' AS after, after ->> 'assigned_to' AS assigned_to
FROM vigil.audit_log ORDER BY seq;
SELECT seq, actor, action, object, change FROM vigil.decisions_recent LIMIT 4;
SELECT * FROM vigil.verify_audit();
-- The counts follow.
SELECT found, high, closed, reviewed, dismissed FROM vigil.anomaly_stats(1);
DELETE FROM vigil.anomalies;
SELECT found, high, closed, reviewed, dismissed FROM vigil.anomaly_stats(1);
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
