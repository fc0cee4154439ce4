-- An anomaly that was resolved by itself and comes back: as the sidecar updates it, and as the owner might.
SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 4) AS n;
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, indicators)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'entity', n, 'domain', 'host ' || n, n, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules', '{one,two}' FROM generate_series(1, 4) AS n;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'true_positive', 'confirmed');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000002', 'benign', 'a test');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000003', 'false_positive');
UPDATE vigil.anomalies SET is_active = false, resolved_at = now(), resolved_by_itself = true, resolution = 'its score fell below the threshold by itself';
SELECT count(*) FROM vigil.anomalies_open;
CREATE VIEW pg_temp.shown AS
SELECT subject_id AS id, vigil.anomaly_state(is_active, resolved_at, suppressed_until, reviewed) AS state, verdict, reviewed_by IS NOT NULL AS reviewed, reopened,
    reopened_at IS NOT NULL AS reopened_at, (resolved_at IS NOT NULL OR resolved_by_itself OR resolution IS NOT NULL) AS resolved
FROM vigil.anomalies ORDER BY 1;
-- What was confirmed is to be looked at again; what was dismissed stays dismissed on the same evidence, in any order.
UPDATE vigil.anomalies SET is_active = true WHERE subject_id IN (1, 4);
UPDATE vigil.anomalies SET is_active = true, indicators = '{two,one}', anomaly_score = 0.71, peak_score = 0.75 WHERE subject_id = 2;
UPDATE vigil.anomalies SET is_active = true, indicators = '{one,two,three}' WHERE subject_id = 3;
SELECT * FROM pg_temp.shown;
SELECT anomaly_id, verdict, undone_at IS NOT NULL AS undone, lapsed_at IS NOT NULL AS lapsed FROM vigil.reviews ORDER BY id;
-- A review that has lapsed is not taken back, and does not come back.
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'undecided');
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000001');
-- One that was kept can be.
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000002');
SELECT * FROM pg_temp.shown;
-- At another severity it is not the same either.
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000004', 'benign');
UPDATE vigil.anomalies SET is_active = false, resolved_at = now(), resolved_by_itself = true WHERE subject_id = 4;
UPDATE vigil.anomalies SET is_active = true, severity = 'critical' WHERE subject_id = 4;
SELECT * FROM pg_temp.shown WHERE id = 4;
-- That a review lapses is nobody's decision.
SELECT action, object_id, after ->> 'verdict' AS verdict FROM vigil.audit_log WHERE object_kind = 'anomaly' ORDER BY seq DESC LIMIT 7;
SELECT finding FROM vigil.verify_audit();
-- Suppressions are looked up anew.
UPDATE vigil.anomalies SET is_active = false, resolved_at = now(), resolved_by_itself = true WHERE subject_id = 1;
SELECT vigil.suppress_anomalies('maintenance', entity_id => 1) > 0 AS suppressed;
UPDATE vigil.anomalies SET is_active = true WHERE subject_id = 1;
SELECT * FROM pg_temp.shown WHERE id = 1;
\set VERBOSITY terse
-- Neither open and resolved, nor without a number.
UPDATE vigil.anomalies SET resolved_by_itself = true WHERE subject_id = 1;
UPDATE vigil.anomalies SET reopened = -1 WHERE subject_id = 1;
\set VERBOSITY default
-- A deletion is no resolution: who comes with the same id is somebody else.
DELETE FROM vigil.entities WHERE id = 2;
SELECT is_active, entity_id, resolved_by_itself, resolution FROM vigil.anomalies WHERE subject_id = 2;
SELECT sum(difference) FILTER (WHERE measure = 'found') AS found, sum(difference) FILTER (WHERE measure = 'closed') AS closed FROM vigil.anomaly_counts;
DROP VIEW pg_temp.shown;
DELETE FROM vigil.suppressions;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
