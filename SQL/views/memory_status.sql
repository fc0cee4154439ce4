CREATE VIEW vigil.memory_status WITH (security_invoker = true) AS
SELECT
    health.kind,
    CASE WHEN health.memory_hash = health.table_hash THEN 'agrees' ELSE 'differed' END AS memory,
    vigil.format_age(health.audited_at) AS audited,
    health.rounds,
    health.row_count AS compared,
    round(health.seconds::numeric, 1) AS seconds,
    health.found,
    health.healed,
    health.reloads,
    vigil.format_age(health.found_at) AS last_found,
    vigil.clean_label(health.note, 60) AS note
FROM vigil.memory_health AS health
ORDER BY health.kind;

COMMENT ON VIEW vigil.memory_status IS 'Whether what the sidecar holds in memory is what the tables say.';
COMMENT ON COLUMN vigil.memory_status.kind IS 'entity or relationship.';
COMMENT ON COLUMN vigil.memory_status.memory IS 'agrees: in the last round nothing differed; differed: something did, see found and healed.';
COMMENT ON COLUMN vigil.memory_status.audited IS 'How long ago the last round ended.';
COMMENT ON COLUMN vigil.memory_status.rounds IS 'Rounds since the sidecar started.';
COMMENT ON COLUMN vigil.memory_status.compared IS 'Rows that the last round compared.';
COMMENT ON COLUMN vigil.memory_status.seconds IS 'How long the last round took.';
COMMENT ON COLUMN vigil.memory_status.found IS 'Rows that differed.';
COMMENT ON COLUMN vigil.memory_status.healed IS 'Rows of these that were read again and agreed afterwards.';
COMMENT ON COLUMN vigil.memory_status.reloads IS 'How often the whole graph was loaded again.';
COMMENT ON COLUMN vigil.memory_status.last_found IS 'How long ago a difference was last found.';
COMMENT ON COLUMN vigil.memory_status.note IS 'What an administrator should know.';
