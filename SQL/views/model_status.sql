CREATE VIEW vigil.model_status WITH (security_invoker = true) AS
SELECT
    model.version,
    model.kind,
    model.state,
    pg_catalog.pg_size_pretty(octet_length(model.archive)::bigint) AS size,
    vigil.format_age(model.created_at) AS created,
    vigil.format_age(model.activated_at) AS activated,
    vigil.clean_label(model.note, 40) AS note
FROM vigil.models AS model
ORDER BY model.kind, model.state = 'active' DESC, model.created_at DESC;

COMMENT ON VIEW vigil.model_status IS 'The models: of each kind the active one first, then the newest.';
COMMENT ON COLUMN vigil.model_status.version IS 'Version of the model.';
COMMENT ON COLUMN vigil.model_status.kind IS 'What it scores.';
COMMENT ON COLUMN vigil.model_status.state IS 'candidate, active or retired.';
COMMENT ON COLUMN vigil.model_status.size IS 'Size of the model file.';
COMMENT ON COLUMN vigil.model_status.created IS 'How long ago it was trained.';
COMMENT ON COLUMN vigil.model_status.activated IS 'How long ago it was made active.';
COMMENT ON COLUMN vigil.model_status.note IS 'Free text.';
