SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'one'), ('domain', 'two'), ('domain', 'three');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'related_to');
SELECT vigil.detect_entity(99);
SELECT vigil.detect_entity(NULL);

-- Nobody is there to score.
SELECT anomaly_score, is_anomaly, is_current, message FROM vigil.detect_entity(1);

-- A sidecar that has read everything.
INSERT INTO vigil.sidecars (host, pid, state) VALUES ('here', 1, 'following');
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot(), last_batch_at = now();
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, p_value, confidence, severity, detection_method)
VALUES (1, 0.7, 0.000316, 0.9, 'high', 'rules'), (2, 0.2, 0.1, 0.9, 'low', 'rules');
SELECT entity_id, anomaly_score, severity, is_anomaly, is_current, message FROM vigil.detect_entity(1);
SELECT entity_id, anomaly_score, severity, is_anomaly, is_current, message FROM vigil.detect_entity(entity_id => 2, timeout_milliseconds => 10);
SELECT entity_id, anomaly_score, severity, is_anomaly, is_current, message FROM vigil.detect_entity(3);

-- Changes that it has not read: of the entity, of its relationships, but not of others.
UPDATE vigil.entities SET confidence = 0.5 WHERE id = 1;
SELECT is_current, message FROM vigil.detect_entity(1, 20);
SELECT is_current FROM vigil.detect_entity(2, 20);
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 3, 'related_to');
SELECT is_current FROM vigil.detect_entity(1, 20);
SELECT is_current FROM vigil.detect_entity(2, 20);
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
UPDATE vigil.relationships SET weight = 3 WHERE target_entity_id = 2;
SELECT is_current FROM vigil.detect_entity(2, 20);
SELECT vigil.find_unread_change(3);
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
DELETE FROM vigil.relationships WHERE target_entity_id = 2;
SELECT is_current FROM vigil.detect_entity(2, 20);
SELECT vigil.find_unread_change(3);
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
SELECT is_current FROM vigil.detect_entity(2, 20);

-- A change in the caller's own transaction is not waited for.
BEGIN;
UPDATE vigil.entities SET confidence = 0.625 WHERE id = 1;
SET LOCAL statement_timeout = '10s';
SELECT anomaly_score, is_current, message FROM vigil.detect_entity(1, 60000);
ROLLBACK;
-- Nor is anything under an isolation level that would not see it.
UPDATE vigil.entities SET confidence = 0.625 WHERE id = 1;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL statement_timeout = '10s';
SELECT is_current, message FROM vigil.detect_entity(1, 60000);
ROLLBACK;
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();

-- Inactive entities.
UPDATE vigil.entities SET is_active = false WHERE id = 3;
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
SELECT is_current, message FROM vigil.detect_entity(3, 20);

-- A sidecar that has died is not waited for.
UPDATE vigil.entities SET confidence = 0.5 WHERE id = 1;
UPDATE vigil.sidecars SET heartbeat_at = now() - interval '16 seconds';
SET statement_timeout = '10s';
SELECT anomaly_score, is_current, message FROM vigil.detect_entity(1, 60000);
RESET statement_timeout;
DELETE FROM vigil.sidecars;
DELETE FROM vigil.entity_scores;
UPDATE vigil.feed_state SET snapshot = NULL, last_batch_at = NULL;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
-- Several at once, behaviour, relationships: what is known, and what is not said so.
SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 3) AS n;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'resolves_to'), (2, 3, 'owns');
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method, detectors) VALUES
    (1, 0.7, 0.5, 'high', 'rules', '[{"name": "burst", "family": "behaviour", "p": 0.0001, "score": 9}, {"name": "dormancy", "family": "behaviour", "p": 0.5}, {"name": "degree", "family": "structure", "p": 0.000001}]'),
    (2, 0.1, 0.5, 'low', 'rules', '[{"name": "burst", "family": "behaviour", "p": null}, {"name": 7, "family": "behaviour", "p": "0.1"}]');
SELECT entity_id, anomaly_score, is_current, message FROM vigil.detect_batch('{2,99,1,1,NULL}', 0);
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
SELECT entity_id, anomaly_score, is_anomaly, is_current, message FROM vigil.detect_batch('{2,99,1,3}');
BEGIN;
UPDATE vigil.entities SET confidence = 0.5 WHERE id = 2;
SELECT entity_id, is_current, message FROM vigil.detect_batch('{1,2}', 60000);
SELECT is_current, message FROM vigil.detect_relationship(1, 60000);
ROLLBACK;
UPDATE vigil.relationships SET weight = 3 WHERE id = 2;
SELECT entity_id, is_current, message FROM vigil.detect_batch('{1,2,3}', 0);
SELECT * FROM vigil.find_unread_changes('{1,2,3}') ORDER BY 1;
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
SELECT count(*) FROM vigil.detect_batch('{}');
SELECT count(*) FROM vigil.detect_batch(NULL);
SELECT anomaly_score, p_value, severity, is_anomaly, confidence, detection_method, message FROM vigil.detect_behavior(1);
SELECT anomaly_score, p_value, message FROM vigil.detect_behavior(2);
SELECT anomaly_score, message FROM vigil.detect_behavior(3);
SELECT anomaly_score, message FROM vigil.detect_behavior(entity_id => 99);
SELECT * FROM vigil.detect_relationship(1) \gx
INSERT INTO vigil.relationship_scores (relationship_id, anomaly_score, p_value, confidence, severity, model_version) VALUES (1, 0.2, 0.1, 0.5, 'low', NULL), (2, 0.9, 0.00003, 0.5, 'critical', 'v1.0.0');
SELECT relationship_id, anomaly_score, p_value, is_anomaly, detection_method, is_current, message FROM vigil.detect_relationship(1);
INSERT INTO vigil.anomalies (subject_kind, subject_id, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method) VALUES ('relationship', 2, 2, 'relationship', 0.9, 0.9, 0.5, 'critical', 'rules');
SELECT relationship_id, anomaly_score, severity, is_anomaly, is_current, source_score, target_score, message FROM vigil.detect_relationship(2);
SELECT relationship_id, anomaly_score, is_anomaly, is_current, message FROM vigil.detect_relationship(1);
SELECT * FROM vigil.detect_relationship(99);
SELECT * FROM vigil.relationship_risk ORDER BY score DESC NULLS LAST;
SELECT type, severity, subject, state FROM vigil.entity_anomalies(3);
UPDATE vigil.feed_state SET snapshot = NULL;
DELETE FROM vigil.relationship_scores;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.entity_scores;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
