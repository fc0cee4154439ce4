CREATE VIEW vigil.metric_status WITH (security_invoker = true) AS
SELECT
    health.metric,
    health.method,
    vigil.format_age(health.as_of) AS age,
    CASE health.error_bound WHEN 0 THEN 'exact' ELSE health.error_bound::real::text END AS error,
    round((1 - health.error_probability)::numeric, 3) AS certainty,
    health.sample_count AS samples,
    round(health.seconds::numeric, 3) AS seconds,
    vigil.format_age(health.audited_at) AS audited,
    health.audited_count AS compared,
    health.largest_difference AS largest,
    vigil.clean_label(health.note, 60) AS note
FROM vigil.metric_health AS health
ORDER BY health.method = 'recomputed' DESC, health.method <> 'incremental', health.metric;

COMMENT ON VIEW vigil.metric_status IS 'How each graph metric is kept, how fresh and how good it is; those that an audit had to switch to recomputation first.';
COMMENT ON COLUMN vigil.metric_status.metric IS 'Name of the metric, as the column of vigil.entity_metrics.';
COMMENT ON COLUMN vigil.metric_status.method IS 'incremental, exact, sampled or recomputed: see vigil.metric_health.';
COMMENT ON COLUMN vigil.metric_status.age IS 'How long ago the values were true.';
COMMENT ON COLUMN vigil.metric_status.error IS 'How far they are off at most; null: no bound is known.';
COMMENT ON COLUMN vigil.metric_status.certainty IS 'Probability of that bound; null: certain.';
COMMENT ON COLUMN vigil.metric_status.samples IS 'Size of the sample.';
COMMENT ON COLUMN vigil.metric_status.seconds IS 'What the last computation from the whole graph took.';
COMMENT ON COLUMN vigil.metric_status.audited IS 'How long ago kept values were compared with recomputed ones.';
COMMENT ON COLUMN vigil.metric_status.compared IS 'Values compared so far.';
COMMENT ON COLUMN vigil.metric_status.largest IS 'The largest difference found.';
COMMENT ON COLUMN vigil.metric_status.note IS 'What an administrator should know.';
