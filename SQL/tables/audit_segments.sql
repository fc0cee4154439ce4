CREATE TABLE vigil.audit_segments (
    id bigint PRIMARY KEY
        CHECK (id >= 1),
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    last_hash bytea NOT NULL,
    seal bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CHECK (last_seq >= first_seq)
);

COMMENT ON TABLE vigil.audit_segments IS 'Parts of vigil.audit_log whose rows were removed after the setting audit_retention_days: what they began and ended with, so that vigil.verify_audit() still proves that the rows after them follow. Rows are only ever added, by vigil.seal_audit().';
COMMENT ON COLUMN vigil.audit_segments.id IS 'Number of the segment, from 1 without gaps.';
COMMENT ON COLUMN vigil.audit_segments.first_seq IS 'Number of its first decision.';
COMMENT ON COLUMN vigil.audit_segments.last_seq IS 'Number of its last decision.';
COMMENT ON COLUMN vigil.audit_segments.first_at IS 'When its first decision was made.';
COMMENT ON COLUMN vigil.audit_segments.last_at IS 'When its last decision was made.';
COMMENT ON COLUMN vigil.audit_segments.previous_hash IS 'Hash of the decision before its first one.';
COMMENT ON COLUMN vigil.audit_segments.last_hash IS 'Hash of its last decision: the one after it carries it as previous_hash.';
COMMENT ON COLUMN vigil.audit_segments.seal IS 'vigil.hash_segment() of this row and of the seal before it. Recorded in vigil.audit_log as a decision too.';
COMMENT ON COLUMN vigil.audit_segments.sealed_at IS 'When its rows were removed.';
