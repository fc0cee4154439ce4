CREATE FUNCTION vigil.find_rendering(anomaly_id uuid, format text, hops integer, nodes integer, OUT content bytea, OUT error text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT rendering.content, rendering.error
    FROM vigil.renderings AS rendering
    JOIN vigil.anomalies AS anomaly ON anomaly.id = rendering.anomaly_id
    WHERE rendering.anomaly_id = find_rendering.anomaly_id AND rendering.format = find_rendering.format
        AND rendering.hops = find_rendering.hops AND rendering.node_limit = find_rendering.nodes
        AND rendering.drawn_at > clock_timestamp() - (vigil.get_setting('rendering_cache_minutes'))::double precision * interval '1 minute'
        AND rendering.last_detected = anomaly.last_detected AND rendering.graph_epoch IS NOT DISTINCT FROM anomaly.graph_epoch;
$$;

COMMENT ON FUNCTION vigil.find_rendering(uuid, text, integer, integer) IS 'The stored picture of an anomaly as it was last detected, or why there could be none; both null where it has not been drawn of late (setting rendering_cache_minutes).';
