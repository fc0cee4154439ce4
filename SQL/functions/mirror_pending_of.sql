CREATE FUNCTION vigil.mirror_pending_of(attachment integer, rows_max integer, since bigint DEFAULT 0)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    chunk record;
    affected bigint;
    taken bigint := 0;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    LOOP
        EXIT WHEN taken >= rows_max;
        SELECT * INTO chunk FROM vigil.pending_rows AS pending
        WHERE pending.attachment_id = attachment AND pending.version >= since ORDER BY pending.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF chunk.operation = 'T' THEN
            affected := vigil.empty_mirror(attachment, chunk.version, rows_max);
            taken := taken + affected;
            CONTINUE WHEN affected > 0;
        ELSIF chunk.operation = 'D' THEN
            IF definition.kind = 'e' THEN
                PERFORM vigil.drop_entities(attachment, chunk.keys, chunk.version);
            ELSE
                PERFORM vigil.drop_relationships(attachment, chunk.keys, chunk.version);
            END IF;
        ELSIF definition.kind = 'e' THEN
            PERFORM vigil.write_entities(attachment, definition.mapped, chunk.entities, 'P', chunk.version);
        ELSE
            PERFORM vigil.write_relationships(
                attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped,
                chunk.relationships, 'P', chunk.version);
        END IF;
        DELETE FROM vigil.pending_rows AS pending WHERE pending.id = chunk.id;
        taken := taken + chunk.row_count;
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.mirror_pending_of(integer, integer, bigint) IS 'Mirrors what waits of one attached table, in the order in which it was queued; returns how many rows.';
