SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'one');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
VALUES ('00000000-0000-0000-0000-000000000001', 'entity', 1, 1, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'certainly');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', NULL);
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000002', 'benign');
SELECT vigil.review_anomaly(id => '00000000-0000-0000-0000-000000000001', verdict => 'undecided', notes => 'Let us see; it''s "odd".');
SELECT reviewed, verdict, reviewed_by, review_notes, reviewed_at = updated_at AS touched FROM vigil.anomalies;
SELECT count(*) AS still_open FROM vigil.anomalies_open;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000001', 'benign');
SELECT verdict, review_notes, is_active FROM vigil.anomalies;
SELECT count(*) AS still_open FROM vigil.anomalies_open;
SELECT state FROM vigil.anomalies_recent;
DELETE FROM vigil.anomalies;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
