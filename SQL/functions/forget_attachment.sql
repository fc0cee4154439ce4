-- With the rights of the owner, because it removes entities and relationships and a function of schema vigil.
-- Only the owner of the attached table can have removed its triggers; while they are there, it refuses.
CREATE FUNCTION vigil.forget_attachment(attachment integer, keep_rows boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    other record;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no attachment %', attachment
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    IF vigil.attached_table(attachment) IS NOT NULL THEN
        RAISE EXCEPTION 'table % still has the triggers of attachment %', vigil.attached_table(attachment), attachment
            USING ERRCODE = 'object_in_use', HINT = 'Call vigil.detach as the owner of the table.';
    END IF;
    SELECT * INTO other FROM vigil.attachments AS known
    WHERE attachment IN (known.source_attachment_id, known.target_attachment_id) AND known.id <> attachment ORDER BY known.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'relationships of table % refer to the entities of table %',
                coalesce(vigil.attached_table(other.id)::text, other.table_name), definition.table_name
            USING ERRCODE = 'dependent_objects_still_exist', DETAIL = format('They are attachment %s.', other.id),
                HINT = format('Call vigil.detach_attachment(%s) first.', other.id);
    END IF;
    PERFORM pg_advisory_xact_lock(1986619244, attachment);
    DELETE FROM vigil.pending_rows AS pending WHERE pending.attachment_id = attachment;
    DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment;
    DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment;
    IF definition.kind = 'e' THEN
        IF keep_rows THEN
            UPDATE vigil.entities AS known SET attachment_id = NULL, attached_key = NULL, attached_version = NULL WHERE known.attachment_id = attachment;
        ELSE
            DELETE FROM vigil.entities AS known WHERE known.attachment_id = attachment;
        END IF;
    ELSIF keep_rows THEN
        UPDATE vigil.relationships AS known SET attachment_id = NULL, attached_key = NULL, attached_version = NULL WHERE known.attachment_id = attachment;
    ELSE
        DELETE FROM vigil.relationships AS known WHERE known.attachment_id = attachment;
    END IF;
    DELETE FROM vigil.attachments AS known WHERE known.id = attachment;
    EXECUTE format('DROP FUNCTION IF EXISTS vigil.%I()', 'mirror_' || attachment);
END
$$;

COMMENT ON FUNCTION vigil.forget_attachment(integer, boolean) IS 'Removes an attachment whose table has lost its triggers, and what was mirrored of it. Called by vigil.detach_attachment().';
