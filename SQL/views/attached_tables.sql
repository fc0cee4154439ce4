CREATE VIEW vigil.attached_tables WITH (security_invoker = true) AS
SELECT
    attachment.id AS attachment,
    coalesce(relation.oid::regclass::text, attachment.table_name) AS attached,
    CASE attachment.kind WHEN 'e' THEN 'entities' ELSE 'relationships' END AS mirrored_as,
    CASE
        WHEN relation.oid IS NULL THEN 'the table is gone'
        WHEN hung.strangers > 0 THEN 'needs vigil.adopt_attachments()'
        WHEN hung.disabled > 0 THEN 'a trigger is disabled'
        WHEN lost.statements > 0 THEN 'needs CALL vigil.backfill()'
        WHEN attachment.filled_at IS NOT NULL THEN 'following'
        WHEN attachment.fill_advanced_at IS NULL THEN 'to be filled'
        WHEN attachment.fill_advanced_at < now() - interval '1 minute' THEN 'back-fill interrupted'
        ELSE 'being filled'
    END AS state,
    CASE
        WHEN attachment.filled_at IS NOT NULL THEN 100
        WHEN attachment.fill_rows_expected > 0 THEN least(99, 100 * attachment.fill_rows / attachment.fill_rows_expected)
    END::integer AS filled_percent,
    attachment.fill_rows AS filled_rows,
    waiting.rows AS pending,
    parked.rows AS parked,
    rejected.rows AS rejected,
    rejected.reason AS last_reason,
    attachment.options - 'is_sensitive' AS options,
    attachment.attached_by,
    attachment.attached_at
FROM vigil.attachments AS attachment
LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = vigil.attached_table(attachment.id)
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE tgenabled = 'D') AS disabled,
        count(*) FILTER (WHERE proowner <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = 'vigil.entities'::regclass)) AS strangers
    FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = relation.oid AND tgname ~ ('^vigil_mirror_[12]_' || attachment.id || '_')
) AS hung ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(row_count), 0)::bigint AS rows FROM vigil.pending_rows WHERE attachment_id = attachment.id
) AS waiting ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS rows FROM vigil.parked_relationships WHERE attachment_id = attachment.id
) AS parked ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS rows, (array_agg(reason ORDER BY rejected_at DESC))[1] AS reason FROM vigil.rejected_rows WHERE attachment_id = attachment.id
) AS rejected ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS statements FROM vigil.rejected_rows WHERE attachment_id = attachment.id AND key IS NULL
) AS lost ON true
ORDER BY attachment.id;

COMMENT ON VIEW vigil.attached_tables IS 'The attached tables: how their rows are mirrored, how far the back-fill is, what waits and what was set aside.';
COMMENT ON COLUMN vigil.attached_tables.attachment IS 'Number of the attachment.';
COMMENT ON COLUMN vigil.attached_tables.attached IS 'The table, as it is called now.';
COMMENT ON COLUMN vigil.attached_tables.mirrored_as IS 'entities or relationships.';
COMMENT ON COLUMN vigil.attached_tables.state IS 'to be filled, being filled, back-fill interrupted (CALL vigil.backfill() goes on), following, or what is wrong.';
COMMENT ON COLUMN vigil.attached_tables.filled_percent IS 'How far the back-fill is; null: the size of the table is not known (ANALYZE tells).';
COMMENT ON COLUMN vigil.attached_tables.filled_rows IS 'Rows that this pass of the back-fill has taken up.';
COMMENT ON COLUMN vigil.attached_tables.pending IS 'Rows that wait in vigil.pending_rows.';
COMMENT ON COLUMN vigil.attached_tables.parked IS 'Relationships whose source or target is not there yet (vigil.parked_relationships).';
COMMENT ON COLUMN vigil.attached_tables.rejected IS 'Rows that could not be mirrored (vigil.rejected_rows).';
COMMENT ON COLUMN vigil.attached_tables.last_reason IS 'Why the last one of them could not be mirrored.';
COMMENT ON COLUMN vigil.attached_tables.options IS 'The columns and expressions, as they were given.';
COMMENT ON COLUMN vigil.attached_tables.attached_by IS 'Who attached it.';
COMMENT ON COLUMN vigil.attached_tables.attached_at IS 'When it was attached.';
