CREATE TABLE vigil.parked_relationships (
    attachment_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    source_attachment_id integer NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    target_attachment_id integer NOT NULL,
    target_key text COLLATE "C" NOT NULL,
    relationship vigil.mirrored_relationship NOT NULL,
    version bigint NOT NULL,
    awaits xid8 NOT NULL DEFAULT pg_snapshot_xmax(pg_current_snapshot()),
    is_settled boolean NOT NULL DEFAULT false,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (attachment_id, key)
);

CREATE INDEX parked_relationships_source_idx ON vigil.parked_relationships (source_attachment_id, source_key);
CREATE INDEX parked_relationships_target_idx ON vigil.parked_relationships (target_attachment_id, target_key);
CREATE INDEX parked_relationships_unsettled_idx ON vigil.parked_relationships (attachment_id) WHERE NOT is_settled;

COMMENT ON TABLE vigil.parked_relationships IS 'Rows of attached tables whose source or target is not among the entities yet. They become relationships when the entity comes.';
COMMENT ON COLUMN vigil.parked_relationships.attachment_id IS 'The attachment.';
COMMENT ON COLUMN vigil.parked_relationships.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.parked_relationships.source_attachment_id IS 'The attachment in which its source is looked for.';
COMMENT ON COLUMN vigil.parked_relationships.source_key IS 'Key of the source.';
COMMENT ON COLUMN vigil.parked_relationships.target_attachment_id IS 'The attachment in which its target is looked for.';
COMMENT ON COLUMN vigil.parked_relationships.target_key IS 'Key of the target.';
COMMENT ON COLUMN vigil.parked_relationships.relationship IS 'The row.';
COMMENT ON COLUMN vigil.parked_relationships.version IS 'Number of the change (vigil.mirror_clock).';
COMMENT ON COLUMN vigil.parked_relationships.awaits IS 'Transactions before this one may have inserted the entity without seeing the parked row.';
COMMENT ON COLUMN vigil.parked_relationships.is_settled IS 'It was looked at again after all of them had ended; from then on the entity itself brings it back.';
COMMENT ON COLUMN vigil.parked_relationships.parked_at IS 'When it was parked.';
