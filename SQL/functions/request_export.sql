CREATE FUNCTION vigil.request_export(anomaly_id uuid, format text DEFAULT 'svg', hops integer DEFAULT 1, nodes integer DEFAULT 60)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('export', jsonb_build_object('anomaly_id', anomaly_id, 'format', format, 'hops', hops, 'nodes', nodes), 10);
$$;

COMMENT ON FUNCTION vigil.request_export(uuid, text, integer, integer) IS 'Files the task to draw the graph around an anomaly as svg, png, pdf, dot, mermaid, graphml or json, and returns its key; vigil.read_export() reads the picture when it is done.';
