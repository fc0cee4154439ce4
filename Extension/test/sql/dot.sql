SET SESSION AUTHORIZATION regress_vigil_owner;
-- Labels are written by strangers.
SELECT vigil.quote_dot('say "hi" \ \N \G \n <b>x</b> & &amp; end\');
SELECT vigil.quote_dot(NULL);
SELECT vigil.clean_label(E'a\nb\tc\u0001d \u202Eevil\u202C zero\u200Bwidth\uFEFF ');
SELECT vigil.clean_label('123456789', 8), vigil.clean_label('12345678', 8), vigil.clean_label(NULL);

INSERT INTO vigil.entities (type, name) VALUES
    ('domain', 'a "quoted" \name\'), ('ip_address', E'two\nlines'), ('person', '<b>bold</b> & co'), ('company', NULL), ('malware', 'far'), ('service', 'aside');
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, is_active) VALUES
    (1, 2, 'resolves_to', true), (1, 2, 'resolves_to', true), (3, 1, 'owns', true), (3, 4, 'works_for', true), (5, 4, 'targets', true), (1, 6, 'uses', false);
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) VALUES
    (1, 0.85, 1, 'critical', 'r'), (2, 0.65, 1, 'high', 'r'), (3, 0.1, 1, 'low', 'r');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, description, explanation, detection_method) VALUES
    ('00000000-0000-0000-0000-000000000001', 'entity', 1, 'domain', 'a "quoted" \name\', 1, NULL, 'behavioral', 0.85, 0.85, 1, 'critical', 'It "moves" \N too fast', '{"evidence": [{"relationship_id": 1, "reason": "a \"new\" \\G address"}]}', 'r'),
    ('00000000-0000-0000-0000-000000000002', 'relationship', 5, 'targets', NULL, NULL, 5, 'relationship', 0.6, 0.6, 1, 'high', 'It joins what was apart', '{}', 'r');
-- The graph as it is now.
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001') \g (format=unaligned tuples_only=on)
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000002', hops => 0) \g (format=unaligned tuples_only=on)
SELECT regexp_count(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', hops), '\n    e\d+ \[') AS entities,
    regexp_count(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', hops), ' -> ') AS lines
FROM generate_series(0, 4) AS hops;
-- The limit keeps the nearest, and of those the strangest.
UPDATE vigil.settings SET value = '2' WHERE name = 'neighbourhood_node_limit';
SELECT line FROM regexp_split_to_table(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', 3), '\n') AS line WHERE line ~ '^    (e\d|graph)';
UPDATE vigil.settings SET value = default_value WHERE name = 'neighbourhood_node_limit';
-- So it does for a hub, whose strangest neighbours are looked for among the strangest entities of all: ties go by the id;
-- entities without a score come last; and it looks further where others are stranger.
INSERT INTO vigil.entities (id, type) SELECT id, 'domain' FROM generate_series(1000, 1040) AS id;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) SELECT id, 1000, 'related_to' FROM generate_series(1001, 1040) AS id;
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) VALUES
    (1030, 0.5, 1, 'low', 'r'), (1020, 0.5, 1, 'low', 'r'), (1010, 0.5, 1, 'low', 'r'), (1040, 0.9, 1, 'critical', 'r');
SELECT node_limit, array_agg(near.entity_id) FROM (VALUES (1), (2), (4), (7)) AS limits (node_limit), vigil.find_neighbourhood('{1000}', 2, node_limit) AS near
GROUP BY node_limit ORDER BY node_limit;
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method)
SELECT id, 0.7, 1, 'high', 'r' FROM generate_series(2001, 2400) AS id;
SELECT node_limit, array_agg(near.entity_id) FROM (VALUES (1), (2), (4), (7)) AS limits (node_limit), vigil.find_neighbourhood('{1000}', 2, node_limit) AS near
GROUP BY node_limit ORDER BY node_limit;
DELETE FROM vigil.entity_scores WHERE entity_id >= 1000;
DELETE FROM vigil.entities WHERE id >= 1000;
-- The graph as it was at detection: entities that are gone are still in it, hostile names and broken parts do no harm.
UPDATE vigil.anomalies SET subgraph = '{"focus_entity": 1, "hops": 2, "truncated": true,
    "nodes": [{"id": 1, "type": "domain", "score": 0.9, "severity": "critical", "hop": 0}, {"id": 77, "name": "gone\"];\n}", "type": "email", "hop": 1, "severity": "</b>"},
              {"id": 78, "hop": 2}, {"id": "79]; evil"}, {"name": "no id"}, 5],
    "edges": [{"id": 9, "source": 1, "target": 77, "type": "uses", "anomalous": true, "reason": "never seen between such ends"}, {"source": 1}, {"id": 10, "source": 1, "target": 500, "type": "owns"}]}'
WHERE id = '00000000-0000-0000-0000-000000000001';
SELECT line FROM regexp_split_to_table(vigil.anomaly_dot('00000000-0000-0000-0000-000000000001'), '\n') AS line WHERE line ~ '^    (e\d|graph)';
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', 2) ~ 'e78 ' AS two_hops;
UPDATE vigil.anomalies SET subgraph = '{"nodes": "broken"}' WHERE id = '00000000-0000-0000-0000-000000000001';
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001') ~ 'as it is now' AS falls_back;
-- The subject is gone, and nothing was kept.
UPDATE vigil.anomalies SET subgraph = NULL;
DELETE FROM vigil.entities WHERE id = 1;
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001') ~ '^digraph.*}\n$' AS is_dot;
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', 6);
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000001', NULL);
SELECT vigil.anomaly_dot('00000000-0000-0000-0000-000000000099');
DELETE FROM vigil.anomalies;
DELETE FROM vigil.entity_scores;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
