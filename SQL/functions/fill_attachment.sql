-- With the rights of the owner, because it writes entities and relationships. It gives up a lock before a
-- writer could be chosen to resolve a deadlock. Who may call it (vigil_admin) decides what is in the graph.
CREATE FUNCTION vigil.fill_attachment(
    attachment integer, entities vigil.mirrored_entity[], relationships vigil.mirrored_relationship[], seen bigint[],
    fill_position text[], rejected jsonb, gone text[], gone_seen bigint[], is_last boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '100ms'
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    IF cardinality(entities) > 0 AND definition.kind = 'e' THEN
        PERFORM vigil.write_entities(attachment, definition.mapped, entities, 'B', 0, seen);
    ELSIF cardinality(relationships) > 0 AND definition.kind = 'r' THEN
        PERFORM vigil.write_relationships(
            attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped, relationships, 'B', 0, seen);
    END IF;
    PERFORM vigil.reject_row(attachment, bad ->> 'key', bad ->> 'reason', bad ->> 'sqlstate') FROM jsonb_array_elements(rejected) AS bad;
    IF cardinality(gone) > 0 THEN
        -- Unless a writer has brought them back meanwhile.
        IF definition.kind = 'e' THEN
            PERFORM vigil.drop_entities(attachment, ARRAY(
                SELECT known.attached_key FROM vigil.entities AS known JOIN unnest(gone, gone_seen) AS pair (key, version)
                    ON known.attachment_id = attachment AND known.attached_key = pair.key AND known.attached_version = pair.version), 9223372036854775807);
        ELSE
            DELETE FROM vigil.relationships AS known USING unnest(gone, gone_seen) AS pair (key, version)
            WHERE known.attachment_id = attachment AND known.attached_key = pair.key AND known.attached_version = pair.version;
            DELETE FROM vigil.parked_relationships AS parked USING unnest(gone, gone_seen) AS pair (key, version)
            WHERE parked.attachment_id = attachment AND parked.key = pair.key AND parked.version = pair.version;
        END IF;
    END IF;
    IF is_last THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key IS NULL
            AND known.rejected_at < definition.fill_started_at;
    END IF;
    UPDATE vigil.attachments AS known
    SET fill_position = coalesce(fill_attachment.fill_position, known.fill_position),
        fill_rows = known.fill_rows + coalesce(cardinality(entities), cardinality(relationships), 0),
        fill_started_at = coalesce(known.fill_started_at, now()),
        fill_advanced_at = clock_timestamp(),
        fill_passes = known.fill_passes + is_last::integer,
        filled_at = CASE WHEN is_last THEN clock_timestamp() END
    WHERE known.id = attachment;
END
$$;

COMMENT ON FUNCTION vigil.fill_attachment(integer, vigil.mirrored_entity[], vigil.mirrored_relationship[], bigint[], text[], jsonb, text[], bigint[], boolean) IS 'Mirrors a batch that a back-fill has read and records how far it is. Called by vigil.backfill().';
