-- A caller of vigil.anomaly_svg() says what it waits for by five advisory locks, which others see at
-- once: four carry the anomaly's id, the fifth hops and nodes.
CREATE FUNCTION vigil.wanted_drawings()
RETURNS TABLE (anomaly_id uuid, hops integer, nodes integer)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT wanted.id, (wanted.form / 1000)::integer, (wanted.form % 1000)::integer
    FROM (
        SELECT string_agg(lpad(to_hex(lock.objid::bigint), 8, '0'), '' ORDER BY lock.classid) FILTER (WHERE lock.classid::bigint < 1986618468)::uuid AS id,
            max(lock.objid::bigint) FILTER (WHERE lock.classid::bigint = 1986618468) AS form
        FROM pg_locks AS lock
        WHERE lock.locktype = 'advisory' AND lock.objsubid = 2 AND lock.granted
            AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND lock.classid::bigint BETWEEN 1986618464 AND 1986618468
        GROUP BY lock.pid
        HAVING count(*) = 5
    ) AS wanted
    JOIN vigil.anomalies AS anomaly ON anomaly.id = wanted.id
    WHERE NOT EXISTS (
        SELECT FROM vigil.renderings AS rendering
        WHERE rendering.anomaly_id = wanted.id AND rendering.format = 'svg'
            AND rendering.hops = wanted.form / 1000 AND rendering.node_limit = wanted.form % 1000
            AND rendering.drawn_at > clock_timestamp() - (vigil.get_setting('rendering_cache_minutes'))::double precision * interval '1 minute'
            AND rendering.last_detected = anomaly.last_detected AND rendering.graph_epoch IS NOT DISTINCT FROM anomaly.graph_epoch);
$$;

COMMENT ON FUNCTION vigil.wanted_drawings() IS 'The pictures that callers of vigil.anomaly_svg() are waiting for at this moment. For the sidecar.';
