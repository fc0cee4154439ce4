CREATE TABLE vigil.metric_health (
    metric text PRIMARY KEY,
    method text NOT NULL
        CHECK (method IN ('incremental', 'exact', 'sampled', 'recomputed')),
    as_of timestamptz NOT NULL DEFAULT now(),
    graph_epoch bigint,
    error_bound double precision CHECK (error_bound >= 0),
    error_probability double precision CHECK (error_probability BETWEEN 0 AND 1),
    sample_count bigint CHECK (sample_count >= 0),
    seconds double precision CHECK (seconds >= 0),
    audited_at timestamptz,
    audited_count bigint CHECK (audited_count >= 0),
    largest_difference double precision CHECK (largest_difference >= 0),
    note text
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.metric_health IS 'How each graph metric is kept, how good it is, and what the sampled audit of it found. Written by the sidecar.';
COMMENT ON COLUMN vigil.metric_health.metric IS 'Name of the metric, as the column of vigil.entity_metrics.';
COMMENT ON COLUMN vigil.metric_health.method IS 'incremental: kept in place with every change; exact: computed from the whole graph in the background; sampled: from a random sample; recomputed: an audit found the incremental values outside their bound, so they are computed anew.';
COMMENT ON COLUMN vigil.metric_health.as_of IS 'The time of which the values are; for an incremental metric the last change.';
COMMENT ON COLUMN vigil.metric_health.graph_epoch IS 'State of the graph of which they are; null for an incremental metric.';
COMMENT ON COLUMN vigil.metric_health.error_bound IS 'The values are off by no more; 0: exact; null: no bound is known.';
COMMENT ON COLUMN vigil.metric_health.error_probability IS 'Probability that some value is off by more; null: the bound is certain.';
COMMENT ON COLUMN vigil.metric_health.sample_count IS 'Size of the sample; null if it is not sampled.';
COMMENT ON COLUMN vigil.metric_health.seconds IS 'What the last computation from the whole graph took.';
COMMENT ON COLUMN vigil.metric_health.audited_at IS 'When kept values were last compared with recomputed ones; null: never.';
COMMENT ON COLUMN vigil.metric_health.audited_count IS 'How many values have been compared since the sidecar loaded the graph.';
COMMENT ON COLUMN vigil.metric_health.largest_difference IS 'The largest difference that these comparisons have found.';
COMMENT ON COLUMN vigil.metric_health.note IS 'What an administrator should know, for example the finding that made it switch to recomputation.';
