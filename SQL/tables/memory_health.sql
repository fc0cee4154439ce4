CREATE TABLE vigil.memory_health (
    kind text PRIMARY KEY
        CHECK (kind IN ('entity', 'relationship')),
    audited_at timestamptz NOT NULL DEFAULT now(),
    rounds bigint NOT NULL DEFAULT 0 CHECK (rounds >= 0),
    row_count bigint NOT NULL DEFAULT 0 CHECK (row_count >= 0),
    table_hash bigint,
    memory_hash bigint,
    differing bigint NOT NULL DEFAULT 0 CHECK (differing >= 0),
    seconds double precision CHECK (seconds >= 0),
    found bigint NOT NULL DEFAULT 0 CHECK (found >= 0),
    healed bigint NOT NULL DEFAULT 0 CHECK (healed >= 0),
    reloads bigint NOT NULL DEFAULT 0 CHECK (reloads >= 0),
    found_at timestamptz,
    note text
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.memory_health IS 'What the self-audit of the sidecar found: it compares what it holds in memory with the tables, a few thousand rows at a time, round after round. Written by the sidecar; its counts begin when it starts.';
COMMENT ON COLUMN vigil.memory_health.kind IS 'entity or relationship.';
COMMENT ON COLUMN vigil.memory_health.audited_at IS 'When the last whole round ended.';
COMMENT ON COLUMN vigil.memory_health.rounds IS 'Whole rounds.';
COMMENT ON COLUMN vigil.memory_health.row_count IS 'Rows of the table that the last round compared; those that were just being changed are left to the next one.';
COMMENT ON COLUMN vigil.memory_health.table_hash IS 'Hash of these rows as the table has them: the sum of the hashes of the rows.';
COMMENT ON COLUMN vigil.memory_health.memory_hash IS 'The same of what was in memory; equal where nothing differed.';
COMMENT ON COLUMN vigil.memory_health.differing IS 'Rows that differed in the last round, before they were healed.';
COMMENT ON COLUMN vigil.memory_health.seconds IS 'How long the last round took; it is drawn out on purpose (self_audit_seconds).';
COMMENT ON COLUMN vigil.memory_health.found IS 'Rows that differed, each seen twice.';
COMMENT ON COLUMN vigil.memory_health.healed IS 'Rows of these that were read again and agreed afterwards.';
COMMENT ON COLUMN vigil.memory_health.reloads IS 'How often the whole graph was loaded again because rows still differed, or too many did.';
COMMENT ON COLUMN vigil.memory_health.found_at IS 'When a difference was last found; null: never.';
COMMENT ON COLUMN vigil.memory_health.note IS 'What an administrator should know.';
