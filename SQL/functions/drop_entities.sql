CREATE FUNCTION vigil.drop_entities(attachment integer, keys text[], version bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    ids bigint[];
    is_live CONSTANT boolean := version IS NULL;
BEGIN
    IF cardinality(keys) IS NULL THEN
        RETURN;
    END IF;
    version := coalesce(version, nextval('vigil.mirror_clock'));
    -- In the order of their ids, for the locks.
    ids := ARRAY(
        SELECT known.id FROM vigil.entities AS known
        WHERE known.attachment_id = attachment AND known.attached_key = ANY (keys) AND known.attached_version < version
        ORDER BY known.id
        FOR UPDATE);
    IF EXISTS (
        SELECT FROM vigil.attachments AS other
        WHERE other.source_attachment_id = attachment OR other.target_attachment_id = attachment)
    THEN
        PERFORM vigil.park_relationships_of(ids);
    END IF;
    DELETE FROM vigil.entities AS known WHERE known.id = ANY (ids);
    IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;
    IF is_live AND cardinality(ids) < cardinality(keys) THEN
        -- A row that is not there is being filled in, waits, or was set aside.
        INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
        VALUES (attachment, 'D', version, cardinality(keys) - cardinality(ids), keys);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_entities(integer, text[], bigint) IS 'Removes the entities of deleted rows of an attached table. Called by its trigger.';
