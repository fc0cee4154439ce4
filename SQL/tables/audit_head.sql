-- What the log must end with: without it, nobody could tell that the last rows are gone. Its row is
-- also the lock that makes decisions queue, and only them. It is made by the first decision, so that
-- a dump can bring its own.
CREATE TABLE vigil.audit_head (
    singleton boolean PRIMARY KEY DEFAULT true
        CHECK (singleton),
    seq bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 10);

COMMENT ON TABLE vigil.audit_head IS 'The end of vigil.audit_log: one row, written with each decision.';
COMMENT ON COLUMN vigil.audit_head.singleton IS 'Keeps the table at one row.';
COMMENT ON COLUMN vigil.audit_head.seq IS 'Number of the last decision.';
COMMENT ON COLUMN vigil.audit_head.hash IS 'Its hash.';
