CREATE FUNCTION vigil.drop_relationships(attachment integer, keys text[], version bigint DEFAULT NULL)
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
    affected bigint;
    unparked bigint := 0;
    is_live CONSTANT boolean := version IS NULL;
BEGIN
    IF cardinality(keys) IS NULL THEN
        RETURN;
    END IF;
    version := coalesce(version, nextval('vigil.mirror_clock'));
    DELETE FROM vigil.relationships AS known
    WHERE known.attachment_id = attachment AND known.attached_key = ANY (keys) AND known.attached_version < version;
    GET DIAGNOSTICS affected = ROW_COUNT;
    IF EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment) THEN
        DELETE FROM vigil.parked_relationships AS parked
        WHERE parked.attachment_id = attachment AND parked.key = ANY (keys) AND parked.version < version;
        GET DIAGNOSTICS unparked = ROW_COUNT;
    END IF;
    IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;
    IF is_live AND affected + unparked < cardinality(keys) THEN
        -- A row that is not there is no relationship, is being filled in, waits, or was set aside.
        INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
        VALUES (attachment, 'D', version, cardinality(keys) - affected - unparked, keys);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_relationships(integer, text[], bigint) IS 'Removes the relationships of deleted rows of an attached table. Called by its trigger.';
