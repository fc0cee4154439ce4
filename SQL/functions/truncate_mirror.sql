CREATE FUNCTION vigil.truncate_mirror(attachment integer)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    version CONSTANT bigint := nextval('vigil.mirror_clock');
BEGIN
    -- What waits was written before; an older snapshot may not see all of it, hence the mark.
    DELETE FROM vigil.pending_rows AS pending WHERE pending.attachment_id = attachment;
    DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment;
    DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment;
    INSERT INTO vigil.pending_rows (attachment_id, operation, version) VALUES (attachment, 'T', version);
    PERFORM vigil.empty_mirror(attachment, version, vigil.get_setting('attach_rows_at_once')::integer);
END
$$;

COMMENT ON FUNCTION vigil.truncate_mirror(integer) IS 'Follows a TRUNCATE of an attached table. Called by its trigger.';
