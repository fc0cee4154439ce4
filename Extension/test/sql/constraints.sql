SET SESSION AUTHORIZATION regress_vigil_owner;
\set VERBOSITY terse
INSERT INTO vigil.entities (id, type, name, value) OVERRIDING SYSTEM VALUE VALUES (1001, 'domain', 'a', 'a.example'), (1002, 'domain', 'b', 'b.example');
INSERT INTO vigil.entities (type, value) VALUES ('domain', 'a.example');
INSERT INTO vigil.entities (id, type, value) VALUES (1003, 'ip_address', 'a.example');
INSERT INTO vigil.entities (id, type) VALUES (1004, 'domain'), (1005, 'domain');
INSERT INTO vigil.entities (type) VALUES ('no such type');
INSERT INTO vigil.entities (type, risk_score) VALUES ('domain', 1.01);
INSERT INTO vigil.entities (type, risk_score) VALUES ('domain', 'NaN');
INSERT INTO vigil.entities (type, confidence) VALUES ('domain', -0.01);
INSERT INTO vigil.entities (type, value) VALUES ('domain', repeat('x', 2049));
INSERT INTO vigil.entities (type, first_seen) VALUES ('domain', 'infinity');
INSERT INTO vigil.entities (type, sources) VALUES ('domain', NULL);
INSERT INTO vigil.relationships (id, source_entity_id, target_entity_id, type) VALUES (1001, 1001, 1002, 'owns'), (1002, 1001, 1002, 'owns'), (1003, 1001, 1001, 'same_as');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1001, 99, 'owns');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1001, 1002, 'no such type');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence) VALUES (1001, 1002, 'owns', 2);
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight) VALUES (1001, 1002, 'owns', 'NaN');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight) VALUES (1001, 1002, 'owns', '-Infinity');
UPDATE vigil.entities SET id = 100 WHERE id = 1001;
UPDATE vigil.relationships SET id = 100 WHERE id = 1001;
INSERT INTO vigil.observation_history (kind, operation, subject_id) VALUES ('x', 'U', 1);
INSERT INTO vigil.observation_history (kind, operation, subject_id) VALUES ('e', 'I', 1);
INSERT INTO vigil.feed_state DEFAULT VALUES;

-- Scores and anomalies.
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) VALUES (1, 1.1, 0.5, 'high', 'rules');
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) VALUES (1, 0.7, 0.5, 'awful', 'rules');
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method, p_value) VALUES (1, 0.7, 0.5, 'high', 'rules', 'NaN');
CREATE TEMPORARY TABLE anomaly AS
SELECT 'entity' AS subject_kind, 1001::bigint AS subject_id, 1001::bigint AS entity_id, 'behavioral' AS anomaly_type,
    '{behavioral,temporal}'::text[] AS all_types, 0.7::float8 AS anomaly_score, 0.7::float8 AS peak_score,
    0.5::float8 AS confidence, 'high' AS severity, 'rules' AS detection_method;
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, all_types, anomaly_score, peak_score, confidence, severity, detection_method) SELECT * FROM anomaly;
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, all_types, anomaly_score, peak_score, confidence, severity, detection_method) SELECT * FROM anomaly;
UPDATE vigil.anomalies SET anomaly_type = 'odd';
UPDATE vigil.anomalies SET all_types = '{odd}';
UPDATE vigil.anomalies SET anomaly_score = 0.8;
UPDATE vigil.anomalies SET verdict = 'perhaps', reviewed = true;
UPDATE vigil.anomalies SET reviewed = true;
UPDATE vigil.anomalies SET subject_id = 2;
UPDATE vigil.anomalies SET resolved_at = now();
UPDATE vigil.anomalies SET confidence = 1.5;
UPDATE vigil.anomalies SET explanation = '[]';
-- The closed one leaves room for another.
UPDATE vigil.anomalies SET is_active = false, resolved_at = now();
INSERT INTO vigil.anomalies (subject_kind, subject_id, entity_id, anomaly_type, all_types, anomaly_score, peak_score, confidence, severity, detection_method) SELECT * FROM anomaly;
-- Deleting the subject closes the anomaly and keeps the record.
DELETE FROM vigil.entities WHERE id = 1001;
SELECT subject_kind, subject_id, entity_id, is_active, resolution FROM vigil.anomalies ORDER BY resolution NULLS FIRST;
SELECT count(*) FROM vigil.relationships;
DELETE FROM vigil.anomalies;

-- Models, indicators.
INSERT INTO vigil.models (version, state, archive) VALUES ('1', 'active', ''), ('2', 'candidate', '');
UPDATE vigil.models SET state = 'active' WHERE version = '2';
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('Bad Name', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', '', '');
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, weight, description, recommendation) VALUES ('test_only', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', 2, '', '');
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('test_only', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', 'd', 'r');
UPDATE vigil.indicators SET description = 'e' WHERE name = 'test_only' RETURNING version;
DELETE FROM vigil.indicators WHERE name = 'test_only';
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
