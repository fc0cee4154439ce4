SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE FUNCTION pg_temp.find(subject bigint, kind text DEFAULT 'behavioral', at timestamptz DEFAULT now(), score float8 DEFAULT 0.7) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    incident bigint;
BEGIN
    INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, first_detected, last_detected)
    VALUES ('entity', subject, 'domain', 'host ' || subject, subject, kind, score, score, 0.5, CASE WHEN score >= 0.8 THEN 'critical' ELSE 'high' END, 'rules', at, at)
    RETURNING incident_id INTO incident;
    RETURN vigil.root_incident(incident);
END
$$;
ALTER TABLE vigil.incidents ALTER COLUMN id RESTART;
DELETE FROM vigil.incidents;
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 20) AS n;
-- 1 - 2 - 3   4 - 5   communities {6,7,8}, {9,10}
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'resolves_to'), (3, 2, 'resolves_to'), (4, 5, 'owns');
INSERT INTO vigil.entity_metrics (entity_id, community_id) VALUES (6, 6), (7, 6), (8, 6), (9, 9), (10, 9);
-- Neighbours, the same subject, a community; strangers stay apart.
SELECT pg_temp.find(1) AS first, pg_temp.find(2) AS neighbour, pg_temp.find(1, 'temporal') AS itself, pg_temp.find(4) AS stranger;
SELECT pg_temp.find(6) AS first, pg_temp.find(8) AS same_community, pg_temp.find(9) AS other_community;
-- Too long ago.
SELECT pg_temp.find(10, at => now() - interval '61 minutes') AS old, pg_temp.find(7, at => now() + interval '3 hours') AS late;
-- An anomaly between two incidents joins them: the older one stays.
SELECT pg_temp.find(11) AS one, pg_temp.find(13) AS another;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (11, 12, 'owns'), (12, 13, 'owns');
SELECT pg_temp.find(12) AS both;
SELECT id, merged_into, merged_at IS NOT NULL AS merged FROM vigil.incidents ORDER BY id;
SELECT incident, severity, score, open, subjects, assigned_to FROM vigil.incidents_open ORDER BY incident;
SELECT subject, score FROM vigil.incident_anomalies(7) ORDER BY subject;
-- An anomaly of a relationship: by its ends, and by relationships beside it.
INSERT INTO vigil.anomalies (subject_kind, subject_id, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
SELECT 'relationship', id, id, 'relationship', 0.9, 0.9, 0.5, 'critical', 'rules' FROM vigil.relationships WHERE source_entity_id IN (3, 4)
RETURNING subject_id, vigil.root_incident(incident_id) AS incident;
SELECT pg_temp.find(3) AS beside_it;
-- Who looks after an incident gets what joins it later.
SELECT vigil.assign_incident(1, 'ann');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 14, 'owns');
SELECT pg_temp.find(14) AS joined;
SELECT assigned_to FROM vigil.anomalies WHERE subject_id = 14;
-- Merged by hand; through a merged one the whole is found.
SELECT vigil.merge_incidents(1, '{2,7}');
SELECT vigil.merge_incidents(1, '{2,7,1}') AS nothing_left;
SELECT id, merged_into FROM vigil.incidents WHERE merged_into IS NOT NULL ORDER BY id;
SELECT vigil.root_incident(7) AS root, count(*) FROM vigil.incident_anomalies(7);
SELECT vigil.review_incident(2, 'false_positive', 'a test of ours');
SELECT count(*) FROM vigil.incidents_open WHERE incident = 1;
\set VERBOSITY terse
SELECT vigil.merge_incidents(1, '{99}');
SELECT vigil.review_incident(99, 'benign');
SELECT vigil.assign_incident(NULL);
SELECT * FROM vigil.incident_anomalies(99);
\set VERBOSITY default
SELECT action, object_kind, object_id, after FROM vigil.audit_log WHERE object_kind = 'incident' AND action LIKE 'merge%' ORDER BY seq;
SELECT finding FROM vigil.verify_audit();
-- A repetition opens no incident.
SELECT count(*) AS before FROM vigil.incidents \gset
INSERT INTO vigil.anomalies AS a (subject_kind, subject_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
VALUES ('entity', 9, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules')
ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active DO UPDATE SET occurrences = a.occurrences + 1 RETURNING occurrences;
SELECT count(*) - :before AS opened FROM vigil.incidents;
-- A line fits 120 columns.
SELECT max(length(concat_ws(' | ', lpad(incident::text, 8), rpad(severity, 8), lpad(score::text, 5), lpad(open::text, 5), rpad(subjects, 38), rpad(coalesce(assigned_to, ''), 12), rpad(began, 7), rpad(latest, 7)))) <= 118 AS fits FROM vigil.incidents_open;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.entity_metrics;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
