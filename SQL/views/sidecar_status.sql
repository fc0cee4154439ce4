CREATE VIEW vigil.sidecar_status WITH (security_invoker = true) AS
SELECT
    vigil.clean_label(sidecar.host, 24) AS host,
    sidecar.pid,
    CASE
        WHEN vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state) THEN sidecar.state
        WHEN sidecar.state = 'stopped' THEN 'stopped'
        ELSE 'dead'
    END AS state,
    vigil.format_age(sidecar.heartbeat_at) AS heartbeat,
    vigil.format_age(sidecar.started_at) AS started,
    sidecar.version,
    sidecar.node_count AS entities,
    sidecar.edge_count AS relationships,
    sidecar.model_version AS model,
    sidecar.role,
    (sidecar.counters ->> 'changes')::bigint AS changes,
    (sidecar.counters ->> 'entities_scored')::bigint + (sidecar.counters ->> 'relationships_scored')::bigint AS judged,
    (sidecar.counters ->> 'anomalies_opened')::bigint AS opened,
    round((sidecar.counters ->> 'latency_p50_milliseconds')::numeric, 2) AS latency_p50_ms,
    round((sidecar.counters ->> 'latency_p99_milliseconds')::numeric, 2) AS latency_p99_ms,
    (sidecar.counters ->> 'cache_hits')::bigint AS cache_hits,
    (sidecar.counters ->> 'cache_misses')::bigint AS cache_misses,
    pg_size_pretty((sidecar.counters ->> 'resident_bytes')::bigint) AS memory
FROM vigil.sidecars AS sidecar
ORDER BY sidecar.heartbeat_at DESC;

COMMENT ON VIEW vigil.sidecar_status IS 'The sidecars that work or have worked on this database, the most recent first.';
COMMENT ON COLUMN vigil.sidecar_status.host IS 'Machine.';
COMMENT ON COLUMN vigil.sidecar_status.pid IS 'Process id.';
COMMENT ON COLUMN vigil.sidecar_status.state IS 'What it is doing; dead: it has missed three heartbeats.';
COMMENT ON COLUMN vigil.sidecar_status.heartbeat IS 'How long ago it gave a sign of life.';
COMMENT ON COLUMN vigil.sidecar_status.started IS 'How long ago it was started.';
COMMENT ON COLUMN vigil.sidecar_status.version IS 'Its version.';
COMMENT ON COLUMN vigil.sidecar_status.entities IS 'Entities in its graph.';
COMMENT ON COLUMN vigil.sidecar_status.relationships IS 'Relationships in its graph.';
COMMENT ON COLUMN vigil.sidecar_status.model IS 'The model that it scores with.';
COMMENT ON COLUMN vigil.sidecar_status.role IS 'leader: it judges and writes; standby: it follows warm and takes over when the leader is gone.';
COMMENT ON COLUMN vigil.sidecar_status.changes IS 'Changes that it has read from the feed.';
COMMENT ON COLUMN vigil.sidecar_status.judged IS 'Entities and relationships that it has judged and stored.';
COMMENT ON COLUMN vigil.sidecar_status.opened IS 'Anomalies that it has opened, or opened again.';
COMMENT ON COLUMN vigil.sidecar_status.latency_p50_ms IS 'Milliseconds from a change to its visible result: the median of the latest batches, at most 1,024. An upper bound: it counts from the start of the writer''s transaction.';
COMMENT ON COLUMN vigil.sidecar_status.latency_p99_ms IS 'The same: what one batch in a hundred exceeds.';
COMMENT ON COLUMN vigil.sidecar_status.cache_hits IS 'Answers that it had kept.';
COMMENT ON COLUMN vigil.sidecar_status.cache_misses IS 'Answers that it had to make.';
COMMENT ON COLUMN vigil.sidecar_status.memory IS 'Memory of the process.';
