SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
-- What Vigil comes with.
SELECT name, anomaly_type, severity_min, jsonb_array_length(steps) AS steps FROM vigil.playbooks ORDER BY name;
BEGIN;
INSERT INTO vigil.entities (id, type, name) VALUES (1, 'domain', 'evil.example');
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
VALUES ('00000000-0000-0000-0000-000000000001', 'entity', 1, 'domain', 'evil.example', 1, 'semantic', 0.5, 0.8, 0.8, 'medium', 'ensemble');
-- The most particular playbook whose conditions hold.
SELECT vigil.playbook_of('00000000-0000-0000-0000-000000000001');
UPDATE vigil.anomalies SET severity = 'critical';
SELECT vigil.playbook_of('00000000-0000-0000-0000-000000000001');
UPDATE vigil.anomalies SET anomaly_type = 'infrastructure';
SELECT vigil.playbook_of('00000000-0000-0000-0000-000000000001');
SELECT vigil.set_playbook('domains', '[{"text": "Block it.", "webhook": "firewall", "link": "https://wiki.example/block"}, {"text": "Judge it.", "task": "detect"}, {"text": "Tell the owner."}]',
    severity_min => 'high', subject_type => 'domain', description => 'Ours.');
SELECT number, step, is_done, link, task, webhook, playbook FROM vigil.checklist('00000000-0000-0000-0000-000000000001');
SELECT playbook FROM vigil.anomaly('00000000-0000-0000-0000-000000000001');
-- Progress is kept, noted with who made it, and audited.
SELECT vigil.tick_step('00000000-0000-0000-0000-000000000001', 1, 'by hand');
SELECT vigil.tick_step('00000000-0000-0000-0000-000000000001', 3);
SELECT vigil.untick_step('00000000-0000-0000-0000-000000000001', 3);
SELECT vigil.start_step('00000000-0000-0000-0000-000000000001', 2) IS NOT NULL AS filed;
SELECT kind, arguments - 'entity_ids' AS other_arguments, jsonb_array_length(arguments -> 'entity_ids') AS entities FROM vigil.tasks;
SELECT number, step, is_done, done_by, done_at IS NOT NULL AS has_time, note, task_id IS NOT NULL AS has_task FROM vigil.checklist('00000000-0000-0000-0000-000000000001');
SELECT line FROM regexp_split_to_table(vigil.explain_anomaly('00000000-0000-0000-0000-000000000001'), '\n') AS line WHERE line ~ '\[|Checklist';
SELECT action, object_kind, actor FROM vigil.audit_log WHERE object_kind IN ('playbook', 'checklist') ORDER BY seq;
-- A step calls its webhook, if there is one.
SELECT vigil.set_webhook('firewall', 'http://127.0.0.1:9/block', '{}', secret => 'whsec_' || repeat('A', 44)) IS NOT NULL AS has_secret;
SELECT vigil.set_webhook('firewall', 'https://firewall.example/block', '{drift}', 'high') AS secret_kept;
SELECT vigil.start_step('00000000-0000-0000-0000-000000000001', 1) AS task;
SELECT vigil.test_webhook('firewall') > 0 AS filed;
SELECT webhook, kind, payload::jsonb #> '{data,step}' AS step, state, attempts FROM vigil.webhook_deliveries ORDER BY id;
UPDATE vigil.webhook_deliveries SET state = 'dead', finished_at = now(), attempts = 10, last_error = 'refused' WHERE kind = 'webhook:test';
SELECT webhook, kind, attempts, last_error FROM vigil.webhook_dead_letters;
SELECT vigil.retry_delivery(id) FROM vigil.webhook_dead_letters;
SELECT state, attempts FROM vigil.webhook_deliveries WHERE kind = 'webhook:test';
SELECT vigil.drop_webhook('firewall');
SELECT count(*) FROM vigil.webhook_deliveries;
-- A changed playbook takes nothing from what was done.
SELECT vigil.set_playbook('domains', '[{"text": "Tell the owner."}]', subject_type => 'domain');
SELECT number, step, is_done, playbook FROM vigil.checklist('00000000-0000-0000-0000-000000000001');
SELECT vigil.drop_playbook('domains');
SELECT count(*) FILTER (WHERE is_done) AS done, count(*) FROM vigil.checklist('00000000-0000-0000-0000-000000000001');
-- Progress goes with its anomaly.
DELETE FROM vigil.anomalies;
SELECT count(*) FROM vigil.playbook_progress;
ROLLBACK;
-- What is wrong is refused, and named.
\set VERBOSITY terse
SELECT vigil.drop_playbook('nothing');
SELECT vigil.drop_webhook('nothing');
SELECT vigil.test_webhook('nothing');
SELECT vigil.retry_delivery(0);
SELECT vigil.set_webhook('x', 'ftp://example.org');
SELECT vigil.set_webhook(E'x\n', 'https://example.org');
SELECT vigil.set_webhook('x', 'https://example.org', '{everything}');
SELECT vigil.set_webhook('x', 'https://example.org', severity_min => 'huge');
SELECT vigil.set_webhook('x', 'https://example.org', secret => 'short');
SELECT vigil.set_playbook('x', '[]');
SELECT vigil.set_playbook('x', '["do"]');
SELECT vigil.set_playbook('x', '[{"text": " "}]');
SELECT vigil.set_playbook('x', '[{"text": "a"}, {"text": "a"}]');
SELECT vigil.set_playbook('x', '[{"text": "a", "link": "javascript:alert(1)"}]');
SELECT vigil.set_playbook('x', '[{"text": "a", "task": "dance"}]');
SELECT vigil.set_playbook('x', '[{"text": "a", "color": "red"}]');
SELECT vigil.set_playbook('x', '[{"text": "a"}]', indicator => 'nonsense');
SELECT vigil.set_playbook('x', '[{"text": "a"}]', severity_min => 'huge');
SELECT vigil.checklist('00000000-0000-0000-0000-00000000dead');
SELECT vigil.tick_step('00000000-0000-0000-0000-00000000dead', 1);
-- Markdown shows names as they are.
SELECT vigil.quote_markdown(E'a|b\n<script> *x* [y](z) `c` \\ _d_ # !');
-- A picture comes with the report where one is given, and only of an anomaly in it.
SELECT vigil.format_report_html(vigil.report_content('2030-01-01Z', '2030-01-02Z', '2030-01-02Z'), '{"00000000-0000-0000-0000-000000000001": "<svg/>"}') LIKE '%<svg/>%' AS foreign_picture;
SELECT vigil.sees_labels();
UPDATE vigil.settings SET value = '"nobody"' WHERE name = 'picture_labels';
UPDATE vigil.settings SET value = '"admin"' WHERE name = 'picture_labels';
SELECT vigil.sees_labels();
SELECT vigil.read_export(1);
UPDATE vigil.settings SET value = default_value WHERE name = 'picture_labels';
SELECT left(vigil.format_report_markdown(vigil.report_content('2030-01-01Z', '2030-01-02Z', '2030-01-02Z')), 60);
RESET SESSION AUTHORIZATION;
