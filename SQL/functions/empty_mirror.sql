CREATE FUNCTION vigil.empty_mirror(attachment integer, version bigint, rows_max integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    affected bigint;
    ids bigint[];
BEGIN
    IF EXISTS (SELECT FROM vigil.attachments AS known WHERE known.id = attachment AND known.kind = 'r') THEN
        DELETE FROM vigil.relationships AS known
        WHERE known.id = ANY (ARRAY(
            SELECT old.id FROM vigil.relationships AS old
            WHERE old.attachment_id = attachment AND old.attached_version < version LIMIT rows_max));
        GET DIAGNOSTICS affected = ROW_COUNT;
    ELSE
        ids := ARRAY(
            SELECT old.id FROM vigil.entities AS old
            WHERE old.attachment_id = attachment AND old.attached_version < version LIMIT rows_max);
        PERFORM vigil.park_relationships_of(ids);
        DELETE FROM vigil.entities AS known WHERE known.id = ANY (ids);
        GET DIAGNOSTICS affected = ROW_COUNT;
    END IF;
    RETURN affected;
END
$$;

COMMENT ON FUNCTION vigil.empty_mirror(integer, bigint, integer) IS 'Removes so many mirrored rows that are older than a version; returns how many were removed.';
