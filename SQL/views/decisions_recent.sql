CREATE VIEW vigil.decisions_recent WITH (security_invoker = true) AS
SELECT
    log.seq,
    vigil.format_age(log.at) AS age,
    vigil.clean_label(log.actor, 14) AS actor,
    log.action,
    vigil.clean_label(CASE log.object_kind WHEN 'anomaly' THEN coalesce(anomaly.subject_name, log.object_id) ELSE log.object_id END, 24) AS object,
    vigil.clean_label(CASE
        WHEN log.action IN ('review', 'undo review') THEN
            concat_ws(' -> ', coalesce(log.before ->> 'verdict', 'none'), coalesce(log.after ->> 'verdict', 'none'))
        WHEN log.action IN ('assign', 'unassign') THEN
            concat_ws(' -> ', coalesce(log.before ->> 'assigned_to', 'nobody'), coalesce(log.after ->> 'assigned_to', 'nobody'))
        WHEN log.object_kind = 'setting' THEN concat_ws(' -> ', log.before #>> '{}', log.after #>> '{}')
        WHEN log.object_kind = 'suppression' THEN coalesce(log.after ->> 'lift_reason', log.after ->> 'reason')
        WHEN log.object_kind = 'model' THEN concat_ws(' -> ', log.before ->> 'state', log.after ->> 'state')
        WHEN log.before IS NOT NULL AND log.after IS NOT NULL AND jsonb_typeof(log.before) = 'object' THEN (
            SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_each(log.after) AS field (key, value)
            WHERE value IS DISTINCT FROM log.before -> key)
    END, 32) AS change
FROM vigil.audit_log AS log
LEFT JOIN vigil.anomalies AS anomaly ON anomaly.id = CASE log.object_kind WHEN 'anomaly' THEN log.object_id::uuid END
ORDER BY log.seq DESC;

COMMENT ON VIEW vigil.decisions_recent IS 'The decisions of vigil.audit_log in one line each, the newest first.';
COMMENT ON COLUMN vigil.decisions_recent.seq IS 'Number of the decision.';
COMMENT ON COLUMN vigil.decisions_recent.age IS 'How long ago.';
COMMENT ON COLUMN vigil.decisions_recent.actor IS 'Who decided.';
COMMENT ON COLUMN vigil.decisions_recent.action IS 'What was done.';
COMMENT ON COLUMN vigil.decisions_recent.object IS 'What it was done to; of an anomaly the name of its subject.';
COMMENT ON COLUMN vigil.decisions_recent.change IS 'From what to what, the reason, or what was changed.';
