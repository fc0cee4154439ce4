CREATE TABLE vigil.rejected_rows (
    attachment_id integer NOT NULL,
    key text COLLATE "C",
    reason text NOT NULL,
    sqlstate text,
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX rejected_rows_key_idx ON vigil.rejected_rows (attachment_id, key);

COMMENT ON TABLE vigil.rejected_rows IS 'Rows of attached tables that could not be mirrored. The writer''s statement succeeded; an entity or relationship that was there before keeps its last good state. A good update of the row, or CALL vigil.backfill(), clears the entry.';
COMMENT ON COLUMN vigil.rejected_rows.attachment_id IS 'The attachment.';
COMMENT ON COLUMN vigil.rejected_rows.key IS 'Key of the row, as text; null: not even the key could be had, and the rows of a whole statement are missing until CALL vigil.backfill().';
COMMENT ON COLUMN vigil.rejected_rows.reason IS 'Why.';
COMMENT ON COLUMN vigil.rejected_rows.sqlstate IS 'SQLSTATE of the error, where there was one.';
COMMENT ON COLUMN vigil.rejected_rows.rejected_at IS 'When it was found.';
