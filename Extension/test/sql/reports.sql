-- The report: the same data, period and as_of give the same one; as data, text and a page.
SET SESSION AUTHORIZATION regress_vigil_owner;
\set SHOW_CONTEXT never
SET TimeZone = 'America/Caracas';
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 6) AS n;
UPDATE vigil.entities SET name = E'<script>alert("x")</script> & \u202Eevil\n'' --' WHERE id = 2;
ALTER TABLE vigil.incidents ALTER COLUMN id RESTART;
ALTER TABLE vigil.tasks ALTER COLUMN id RESTART;
ALTER TABLE vigil.suppressions ALTER COLUMN id RESTART;
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, description, first_detected, last_detected)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'entity', n, 'domain', 'host ' || n, n, (ARRAY['behavioral', 'temporal', 'data_quality'])[1 + n % 3], score, score, 0.5,
    CASE WHEN score >= 0.8 THEN 'critical' WHEN score >= 0.6 THEN 'high' ELSE 'medium' END, 'rules', 'Sentence ' || n || ' of <b>host</b>.', at::timestamptz, at::timestamptz
FROM (VALUES (1, 0.9, '2026-03-10 05:59:59Z'), (2, 0.7, '2026-03-09 06:00Z'), (3, 0.5, '2026-03-10 06:00Z'), (4, 0.65, '2026-03-09 05:59Z'), (5, 0.95, '2026-03-03 12:00Z'), (6, 0.7, '2026-03-02 05:00Z')) AS found (n, score, at);
UPDATE vigil.incidents SET opened_at = '2026-03-09 12:00Z' WHERE id <= 2;
UPDATE vigil.anomalies SET is_active = false, resolved_at = '2026-03-09 08:00Z', resolution = 'it went away' WHERE subject_id = 5;
SELECT vigil.review_anomaly('00000000-0000-0000-0000-000000000004', 'false_positive');
UPDATE vigil.reviews SET reviewed_at = '2026-03-09 09:00Z';
SELECT vigil.assign_anomaly('00000000-0000-0000-0000-000000000001', 'ann <ann@example.org>');
INSERT INTO vigil.suppressions (entity_id, reason, created_by, expires_at) VALUES (6, 'known & <harmless>', 'ann', '2026-03-12 00:00Z'), (6, 'later', 'ann', '2026-04-12 00:00Z');
INSERT INTO vigil.models (version, state, archive, created_at) VALUES ('v1.2.0', 'active', '\x00', '2026-03-09 10:00Z');
INSERT INTO vigil.tasks (kind, state, requested_by, attempts_max, finished_at, error) VALUES ('scan_all', 'done', 'x', 5, '2026-03-09 10:00Z', NULL), ('export', 'dead', 'x', 5, '2026-03-09 10:00Z', 'no <font>'), ('scan_all', 'dead', 'x', 5, '2026-03-10 10:00Z', 'after it');
INSERT INTO vigil.sidecars (host, pid, state, heartbeat_at, node_count, edge_count) VALUES ('here', 1, 'following', '2026-03-10 06:00Z', 6, 0);
SELECT jsonb_pretty(vigil.report_content('2026-03-09 06:00Z', '2026-03-10 06:00Z', '2026-03-10 06:00:05Z') - '{feed,version}'::text[]);
SELECT vigil.report_content('2026-03-09 06:00Z', '2026-03-10 06:00Z', '2026-03-10 06:00:05Z') -> 'feed' ->> 'sidecar' AS alive, vigil.report_content('2026-03-09 06:00Z', '2026-03-10 06:00Z', '2026-03-10 07:00Z') -> 'feed' ->> 'sidecar' AS later;
SELECT vigil.report();
SELECT vigil.make_report(period_end => '2026-03-10 06:00Z', as_of => '2026-03-10 06:00:05Z') AS report \gset
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'German';
SELECT vigil.make_report('2026-03-09 06:00Z', as_of => '2026-03-10 06:00:05Z') AS again \gset
SELECT first.content = second.content AND first.body = second.body AND first.html = second.html AS the_same, first.requested_by FROM vigil.reports AS first, vigil.reports AS second WHERE first.id = :report AND second.id = :again;
RESET DateStyle;
\pset format unaligned
\pset tuples_only on
SELECT vigil.report(:report);
SELECT html FROM vigil.reports WHERE id = :report;
\pset tuples_only off
\pset format aligned
-- Nothing of a name is markup, and nothing comes from elsewhere.
SELECT html !~* '<script|<b>|https?://|src=|url\(' AS harmless, html::xml IS NOT NULL AS well_formed FROM (SELECT regexp_replace(replace(html, '<!DOCTYPE html>', ''), '<meta ([^>]*)>', '<meta \1/>', 'g') AS html FROM vigil.reports WHERE id = :report) AS page;
SELECT vigil.quote_html(E'<a href="x">''&amp;'), vigil.quote_html(NULL);
-- Of an empty database too, and the latest is the one whose period ends last.
SELECT vigil.make_report('2020-01-01Z') > 0 AS made, vigil.report() = vigil.report(:again) AS latest;
SELECT vigil.report(0);
SELECT vigil.make_report('2026-01-02', '2026-01-01');
SELECT vigil.make_report('-infinity');
DELETE FROM vigil.anomalies;
DELETE FROM vigil.suppressions;
DELETE FROM vigil.incidents;
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
DELETE FROM vigil.tasks;
DELETE FROM vigil.sidecars;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
SELECT vigil.report(vigil.make_report()) ~ 'No model is active' AS of_nothing;
DELETE FROM vigil.reports;
RESET SESSION AUTHORIZATION;
