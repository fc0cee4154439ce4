SET SESSION AUTHORIZATION regress_vigil_owner;
-- Before anything is there.
SELECT * FROM vigil.anomalies_open;
SELECT * FROM vigil.sidecar_status;
SELECT lag_rows, lag_milliseconds, sidecar_alive, armed, epoch_seen, batches FROM vigil.feed_health;

INSERT INTO vigil.entities (type, name, value, risk_score) VALUES
    ('domain', 'login-secure-update.example', 'login-secure-update.example', 0.9),
    ('ip_address', NULL, '198.51.100.77', NULL),
    ('person', E'A name\nof two lines \u202Eand a turn', 'p', 0.25);
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
SELECT first.id, second.id, 'resolves_to' FROM vigil.entities first, vigil.entities second
WHERE first.type = 'domain' AND second.type = 'ip_address';
INSERT INTO vigil.entity_scores (entity_id, anomaly_score, p_value, confidence, severity, detection_method)
SELECT id, 0.83, 0.00007, 0.8, 'critical', 'ensemble' FROM vigil.entities WHERE type = 'domain';
INSERT INTO vigil.entity_metrics (entity_id, degree) SELECT id, 1 FROM vigil.entities WHERE type <> 'person';
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, last_detected)
SELECT '00000000-0000-0000-0000-000000000001'::uuid, 'entity', id, type, name, id, NULL, 'infrastructure', 0.83, 0.9, 0.8, 'critical', 'ensemble', now() - interval '3 minutes'
FROM vigil.entities WHERE type = 'domain'
UNION ALL
SELECT '00000000-0000-0000-0000-000000000002', 'relationship', id, type, NULL, NULL, id, 'relationship', 0.55, 0.55, 0.6, 'medium', 'rules', now() - interval '3 hours'
FROM vigil.relationships
UNION ALL
SELECT '00000000-0000-0000-0000-000000000003', 'entity', id, type, name, id, NULL, 'data_quality', 0.45, 0.5, 0.4, 'medium', 'rules', now() - interval '3 days'
FROM vigil.entities WHERE type = 'person';
SELECT * FROM vigil.anomalies_open;
UPDATE vigil.anomalies SET is_active = false, resolved_at = now(), resolution = 'The cause went away.' WHERE id = '00000000-0000-0000-0000-000000000003';
SELECT * FROM vigil.anomalies_recent;
SELECT entity_id > 0 AS has_id, type, name, score, severity, confidence, risk, degree, anomalies FROM vigil.entity_risk ORDER BY score DESC NULLS LAST, type;
\x on
SELECT severity, anomaly_score, subject_kind, subject_type, subject_name, source_name, target_name, is_open, resolution FROM vigil.anomaly_detail ORDER BY id;
\x off
-- The widest line of the lists fits 120 columns.
SELECT view, max(length(concat_ws(' | ', id, rpad(severity, 8), lpad(score::text, 5), rpad(type, 14), subject, state, age))) <= 118 AS fits
FROM (
    SELECT 'open' AS view, id, severity, score, type, rpad(subject, 32) AS subject, NULL AS state, rpad(age, 7) AS age FROM vigil.anomalies_open
    UNION ALL
    SELECT 'recent', id, severity, score, type, rpad(subject, 22), rpad(state, 8), rpad(age, 7) FROM vigil.anomalies_recent
) AS lines
GROUP BY view ORDER BY view;

-- Sidecars, models, the feed.
INSERT INTO vigil.sidecars (host, pid, state, version, node_count, edge_count, heartbeat_at) VALUES
    ('alpha', 1, 'following', '0.1.0', 3, 1, now()), ('beta', 2, 'following', '0.1.0', 3, 1, now() - interval '1 hour'),
    ('gamma', 3, 'stopped', '0.1.0', 3, 1, now() - interval '2 hours');
SELECT host, pid, state, version, entities, relationships, model FROM vigil.sidecar_status;
-- Counters that an earlier program does not tell are unknown, not nought.
UPDATE vigil.sidecars SET counters = '{"changes": 12, "entities_scored": 5, "relationships_scored": 7, "anomalies_opened": 1,
    "latency_p50_milliseconds": 1.2345, "latency_p99_milliseconds": 9.8765, "cache_hits": 3, "cache_misses": 1, "resident_bytes": 104857600}'
WHERE host = 'alpha';
SELECT host, changes, judged, opened, latency_p50_ms AS p50, latency_p99_ms AS p99, cache_hits, cache_misses, memory FROM vigil.sidecar_status;
INSERT INTO vigil.models (version, state, archive, note, created_at, card) VALUES
    ('1', 'retired', repeat('x', 5000)::bytea, 'the first', now() - interval '2 days', '{"measures": {"graph_auroc": "0.9", "baseline_auroc": 0.9}}'),
    ('2', 'active', 'y', NULL, now() - interval '3 minutes', '{"measures": {"graph_auroc": 0.97312, "baseline_auroc": 0.9, "graph_helps": 1}}'),
    ('3', 'candidate', 'z', NULL, now(), '{"measures": {"graph_auroc": 0.8, "baseline_auroc": 0.81}}');
SELECT version, kind, state, size, created, note, graph FROM vigil.model_status;
INSERT INTO vigil.metric_health (metric, method, as_of, error_bound, error_probability, sample_count, audited_at, audited_count, largest_difference, note) VALUES
    ('degree', 'incremental', now(), 0, NULL, NULL, now(), 100, 0, NULL),
    ('pagerank', 'recomputed', now() - interval '2 minutes', 1e-6, NULL, NULL, now(), 100, 3.2e-5, 'entity 7 was off by 3.2e-05'),
    ('betweenness_centrality', 'sampled', now() - interval '2 minutes', 0.0125, 0.1, 4096, NULL, NULL, NULL, NULL);
SELECT * FROM vigil.metric_status;
\set VERBOSITY terse
INSERT INTO vigil.metric_health (metric, method) VALUES ('closeness_centrality', 'guessed');
\set VERBOSITY default
DELETE FROM vigil.metric_health;
INSERT INTO vigil.memory_health (kind, rounds, row_count, table_hash, memory_hash, differing, seconds, found, healed, found_at, note) VALUES
    ('relationship', 3, 20, 5, 5, 0, 15.04, 0, 0, NULL, NULL),
    ('entity', 3, 10, 5, -7, 2, 15.04, 2, 2, now() - interval '2 minutes', 'look at this');
SELECT * FROM vigil.memory_status;
\set VERBOSITY terse
INSERT INTO vigil.memory_health (kind) VALUES ('anomaly');
\set VERBOSITY default
DELETE FROM vigil.memory_health;
-- A leader is ended only where its session holds the lock of the writer and its lease has run out.
SELECT vigil.end_stalled_leader() AS without_a_lock;
SELECT pg_advisory_lock(x'766967696c'::bigint);
SELECT vigil.end_stalled_leader() AS without_a_row;
UPDATE vigil.sidecars SET backend_pid = pg_backend_pid(), lease_until = now() + interval '1 hour' WHERE pid = 1;
SELECT vigil.end_stalled_leader() AS with_a_lease;
UPDATE vigil.sidecars SET role = 'standby', lease_until = NULL WHERE pid = 1;
SELECT vigil.end_stalled_leader() AS of_a_standby;
SELECT pg_advisory_unlock(x'766967696c'::bigint);
UPDATE vigil.sidecars SET role = 'leader', backend_pid = NULL WHERE pid = 1;
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot(), epoch_seen = 1, last_batch_at = clock_timestamp(), batches = 1;
SELECT lag_rows, lag_milliseconds, sidecar_alive, armed, epoch_seen, batches FROM vigil.feed_health;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'new');
UPDATE vigil.entities SET created_at = '2001-01-01', updated_at = '2001-01-01' WHERE name = 'new';
SELECT lag_rows, lag_milliseconds BETWEEN 0.001 AND 60000 AS has_lag FROM vigil.feed_health;
SELECT vigil.format_age(now() - age) FROM unnest(ARRAY['-1 s', '30 s', '5 min', '5 h', '5 days', '1000 days']::interval[]) AS age;
UPDATE vigil.feed_state SET snapshot = NULL, epoch_seen = NULL, last_batch_at = NULL, batches = 0;
DELETE FROM vigil.sidecars;
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
DELETE FROM vigil.anomalies;
DELETE FROM vigil.entity_scores;
DELETE FROM vigil.entity_metrics;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
