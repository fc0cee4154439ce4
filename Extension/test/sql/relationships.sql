-- Everything that people do with an anomaly, done with one of a relationship.
SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) VALUES ('person', 'Ann'), ('person', 'Bob "the" \Builder'), ('domain', 'x.example');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight) VALUES (1, 2, 'owns', 9), (2, 3, 'owns', 1), (1, 1, 'related_to', 1);
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, indicators, description, explanation)
SELECT ('00000000-0000-0000-0000-00000000000' || r.id)::uuid, 'relationship', r.id, r.type, s.name || ' -> ' || t.name, r.id, 'relationship', 0.9 - r.id / 10.0, 0.9, 0.5, 'high', 'ensemble', '{unusual_amount}', 'Nobody pays so much.',
    jsonb_build_object('summary', 'Nobody pays so much.', 'evidence', jsonb_build_array(jsonb_build_object('relationship_id', r.id, 'reason', 'the amount', 'type', r.type, 'other_entity_id', r.target_entity_id)))
FROM vigil.relationships r JOIN vigil.entities s ON s.id = r.source_entity_id JOIN vigil.entities t ON t.id = r.target_entity_id;
SELECT severity, type, subject, state FROM vigil.list_anomalies();
SELECT subject, state FROM vigil.list_anomalies(relationship_id => 2);
SELECT count(*) FROM vigil.list_anomalies(entity_id => 2);
SELECT subject FROM vigil.list_anomalies(subject => 'ann');
SELECT subject, state FROM vigil.entity_anomalies(1);
SELECT subject FROM vigil.anomalies_open;
SELECT subject_kind, subject_name, source_name, target_name, state FROM vigil.anomaly('00000000-0000-0000-0000-000000000001');
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000001') ~ 'owns "Ann -> Bob' AS explained;
SELECT line FROM regexp_split_to_table(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001'), '\n') AS line WHERE line ~ '->' OR line ~ '^    e';
-- With a subgraph from the time of detection.
UPDATE vigil.anomalies SET subgraph = '{"focus_entity": 1, "focus_relationship": 1, "hops": 1, "nodes": [{"id": 1, "type": "person", "hop": 0}, {"id": 2, "type": "person", "hop": 0}], "edges": [{"id": 1, "source": 1, "target": 2, "type": "owns", "anomalous": true}]}' WHERE subject_id = 1;
SELECT line FROM regexp_split_to_table(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001'), '\n') AS line WHERE line ~ '->';
-- One incident, because their ends meet.
SELECT count(DISTINCT incident_id) AS incidents, bool_and(incident_id IS NOT NULL) AS placed FROM vigil.anomalies;
SELECT open, subjects FROM vigil.incidents_open;
SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000001', 'ann');
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000002', 'true_positive');
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000002');
SELECT vigil.suppress_anomalies('a salary', relationship_id => 1) AS salary \gset
SELECT what, silenced FROM vigil.suppressions_active;
SELECT vigil.suppress_anomalies('the same', subject_type => 'owns', name_pattern => 'bob%', expires_at => now() + interval '1 day') > 0 AS by_pattern;
SELECT subject, state FROM vigil.list_anomalies(state => 'suppressed', order_by => 'score');
SELECT subject, state FROM vigil.list_anomalies();
SELECT vigil.lift_suppression(:salary);
SELECT action, subject FROM (SELECT action, object_id AS subject, seq FROM vigil.audit_log WHERE object_kind = 'anomaly' ORDER BY seq DESC LIMIT 3) AS newest ORDER BY seq;
SELECT relationship_id, score, severity, anomalies FROM vigil.relationship_risk ORDER BY 1;
-- A deletion, of the relationship or of one of its ends, closes them and keeps the record.
DELETE FROM vigil.relationships WHERE id = 3;
DELETE FROM vigil.entities WHERE id = 3;
SELECT subject_id, relationship_id, is_active, resolution, subject_name FROM vigil.anomalies ORDER BY subject_id;
SELECT vigil.explain_anomaly('00000000-0000-0000-0000-000000000002') ~ 'closed: The relationship was deleted' AS closed;
SELECT line FROM regexp_split_to_table(vigil.anomaly_dot('00000000-0000-0000-0000-000000000002'), '\n') AS line WHERE line ~ 'label=' AND line !~ 'legend' LIMIT 3;
-- What was forgotten by a TRUNCATE is removed by the upkeep.
INSERT INTO vigil.relationship_scores (relationship_id, anomaly_score, confidence, severity) VALUES (1, 0.1, 0.5, 'low'), (3, 0.1, 0.5, 'low');
UPDATE vigil.upkeep SET round_ended_at = CASE task WHEN 'relationship scores' THEN NULL ELSE now() END;
SELECT vigil.run_upkeep();
SELECT relationship_id FROM vigil.relationship_scores;
DELETE FROM vigil.relationship_scores;
DELETE FROM vigil.suppressions;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
