CREATE VIEW vigil.model_status WITH (security_invoker = true) AS
SELECT
    model.version,
    model.kind,
    model.state,
    pg_catalog.pg_size_pretty(octet_length(model.archive)::bigint) AS size,
    vigil.format_age(model.created_at) AS created,
    vigil.format_age(model.activated_at) AS activated,
    vigil.clean_label(model.note, 40) AS note,
    CASE
        WHEN measured.graph_auroc IS NULL OR measured.baseline_auroc IS NULL THEN 'not measured'
        ELSE format('%s: AUROC %s with the graph, %s without it',
            CASE coalesce(measured.graph_helps, (measured.graph_auroc > measured.baseline_auroc)::integer)
                WHEN 0 THEN 'does not help' ELSE 'helps' END,
            round(measured.graph_auroc, 3), round(measured.baseline_auroc, 3))
    END AS graph
FROM vigil.models AS model
CROSS JOIN LATERAL (
    SELECT
        CASE jsonb_typeof(model.card #> '{measures,graph_auroc}') WHEN 'number' THEN (model.card #> '{measures,graph_auroc}')::numeric END,
        CASE jsonb_typeof(model.card #> '{measures,baseline_auroc}') WHEN 'number' THEN (model.card #> '{measures,baseline_auroc}')::numeric END,
        CASE jsonb_typeof(model.card #> '{measures,graph_helps}') WHEN 'number' THEN (model.card #> '{measures,graph_helps}')::numeric END
) AS measured (graph_auroc, baseline_auroc, graph_helps)
ORDER BY model.kind, model.state = 'active' DESC, model.state = 'challenger' DESC, model.created_at DESC;

COMMENT ON VIEW vigil.model_status IS 'The models: of each kind the active one first, then its challenger, then the newest.';
COMMENT ON COLUMN vigil.model_status.version IS 'Version of the model.';
COMMENT ON COLUMN vigil.model_status.kind IS 'What it scores.';
COMMENT ON COLUMN vigil.model_status.state IS 'candidate, challenger, active or retired.';
COMMENT ON COLUMN vigil.model_status.size IS 'Size of the model file.';
COMMENT ON COLUMN vigil.model_status.created IS 'How long ago it was trained.';
COMMENT ON COLUMN vigil.model_status.activated IS 'How long ago it was made active.';
COMMENT ON COLUMN vigil.model_status.note IS 'Free text.';
COMMENT ON COLUMN vigil.model_status.graph IS 'Whether the graph helps on this data: what the whole ensemble reached on anomalies planted into the training data, beside a detector without any graph feature.';
