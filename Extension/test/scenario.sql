-- What a database administrator and an analyst do, told without times and ids: the same answers are expected in
-- every locale and time zone, whatever the session's settings (test/environments.sh).
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
CREATE TABLE inventory.hosts (id bigint PRIMARY KEY, hostname text, note text, seen timestamptz);
CREATE TABLE inventory.links (a bigint, b bigint, since timestamptz, PRIMARY KEY (a, b, since));
INSERT INTO inventory.hosts SELECT n, 'HOST ' || n, E'back\\slash ' || n, timestamptz '2024-03-31 01:30:00+00' + n * interval '1 hour' FROM generate_series(1, 20) AS n;
INSERT INTO inventory.links SELECT 1, n, timestamptz '2024-10-27 00:30:00+00' + n * interval '1 hour' FROM generate_series(2, 20) AS n;
SELECT vigil.attach_entities('inventory.hosts', type => E'''device''', name => 'hostname', description => E'replace(note, E''\\\\'', ''/'')', first_seen => 'seen') > 0;
SELECT vigil.attach_relationships('inventory.links', type => E'''connected_to''', source => 'a', target => 'b', source_table => 'inventory.hosts', target_table => 'inventory.hosts', first_observed => 'since') > 0;
CALL vigil.backfill();
UPDATE inventory.hosts SET hostname = 'changed' WHERE id = 3;
UPDATE inventory.links SET since = since + interval '1 day' WHERE b = 4;
DELETE FROM inventory.links WHERE b = 5;
INSERT INTO inventory.links VALUES (2, 3, '2024-10-27 01:30:00+00');
SELECT type, name, description, extract(epoch FROM first_seen) FROM vigil.entities ORDER BY id;
SELECT attached_key, extract(epoch FROM first_observed) FROM vigil.relationships ORDER BY attached_key COLLATE "C";
INSERT INTO vigil.anomalies (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, description, explanation, detection_method, indicators, first_detected, last_detected)
SELECT 'entity', id, type, name, id, 'behavioral', 0.5 + id * 0.01, 0.5 + id * 0.01, 0.7, 'high', 'It is strange.', '{"summary": "47 relationships; the 99th percentile is 9.5."}', 'rules', '{unusual_degree}', '2024-03-31 00:30:00+00', '2024-03-31 00:30:00+00' FROM vigil.entities;
SELECT severity, score, type, subject, state FROM vigil.list_anomalies(severity => 'high, critical', subject => 'host 1');
SELECT count(*) FROM vigil.list_anomalies(type => 'behavioral', since => '2024-03-31 00:00:00+00', until => '2024-03-31 01:00:00+00');
SELECT vigil.review_anomaly(id, 'benign', E'it''s \\ours') FROM vigil.list_anomalies(subject => 'host 12');
SELECT vigil.suppress_anomalies('noise', name_pattern => 'HOST 1_') > 0;
SELECT count(*) FROM vigil.anomalies_open;
SELECT found, reviewed FROM vigil.anomaly_stats(3660) WHERE found > 0;
SELECT regexp_replace(vigil.explain_anomaly(id), E'[0-9a-f]{8}-[0-9a-f-]+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*', '', 'g') FROM vigil.anomalies WHERE subject_name = 'HOST 7';
SELECT md5(vigil.anomaly_dot(id, 2)) FROM vigil.anomalies WHERE subject_name = 'HOST 7';
UPDATE vigil.settings SET value = '0.25' WHERE name = 'anomaly_threshold';
SELECT action, object_kind, after FROM vigil.audit_log WHERE object_kind = 'setting';
SELECT finding FROM vigil.verify_audit();
SELECT polname FROM pg_catalog.pg_policy WHERE polname LIKE 'vigil%insert' ORDER BY polname COLLATE "C" LIMIT 3;
DO $$ BEGIN WHILE vigil.run_upkeep() LOOP END LOOP; END $$;
SELECT vigil.detach('inventory.links') IS NOT NULL;
SELECT count(*) FROM vigil.attached_tables;
