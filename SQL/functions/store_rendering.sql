-- With the rights of the owner, for nobody else writes vigil.renderings.
CREATE FUNCTION vigil.store_rendering(
    anomaly_id uuid, format text, hops integer, nodes integer, graph_epoch bigint, last_detected timestamptz, content bytea, error text DEFAULT NULL)
RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
    INSERT INTO vigil.renderings AS rendering (anomaly_id, format, hops, node_limit, graph_epoch, last_detected, content, error)
    SELECT anomaly.id, store_rendering.format, store_rendering.hops, store_rendering.nodes, store_rendering.graph_epoch,
        store_rendering.last_detected, store_rendering.content, CASE WHEN store_rendering.content IS NULL THEN "left"(coalesce(store_rendering.error, 'no reason was given'), 10000) END
    FROM vigil.anomalies AS anomaly
    WHERE anomaly.id = store_rendering.anomaly_id
    ON CONFLICT ON CONSTRAINT renderings_pkey DO UPDATE
    SET graph_epoch = excluded.graph_epoch, last_detected = excluded.last_detected, content = excluded.content, error = excluded.error,
        drawn_at = excluded.drawn_at;
$$;

COMMENT ON FUNCTION vigil.store_rendering(uuid, text, integer, integer, bigint, timestamptz, bytea, text) IS 'Keeps a picture in place of the one before. For the sidecar.';
