CREATE TABLE vigil.audit_log (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    acting_role text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE INDEX audit_log_object_idx ON vigil.audit_log (object_kind, object_id, seq DESC);
CREATE INDEX audit_log_at_idx ON vigil.audit_log (at);

COMMENT ON TABLE vigil.audit_log IS 'Every decision: reviews, assignments, suppressions, merged incidents, changes of settings, indicators, types and models. Each row carries the hash of the one before it, so vigil.verify_audit() finds what was altered, removed or inserted. Rows are only ever added.';
COMMENT ON COLUMN vigil.audit_log.seq IS 'Number of the decision: 1, 2, 3 and so on, without gaps.';
COMMENT ON COLUMN vigil.audit_log.at IS 'When it was made, by the clock.';
COMMENT ON COLUMN vigil.audit_log.actor IS 'Who made it: the role that logged in.';
COMMENT ON COLUMN vigil.audit_log.acting_role IS 'The role that they had taken on by SET ROLE; else the same.';
COMMENT ON COLUMN vigil.audit_log.action IS 'What was done.';
COMMENT ON COLUMN vigil.audit_log.object_kind IS 'What it was done to: anomaly, suppression, incident, setting, indicator, model, entity type, relationship type, schedule, playbook, checklist (by the id of its anomaly) or task.';
COMMENT ON COLUMN vigil.audit_log.object_id IS 'Key of what it was done to.';
COMMENT ON COLUMN vigil.audit_log.before IS 'How it was before; null if it was not there.';
COMMENT ON COLUMN vigil.audit_log.after IS 'How it was afterwards; null if it was removed.';
COMMENT ON COLUMN vigil.audit_log.previous_hash IS 'Hash of the row before; 32 zero bytes in the first.';
COMMENT ON COLUMN vigil.audit_log.hash IS 'SHA-256 of this row with previous_hash: see vigil.hash_decision().';
