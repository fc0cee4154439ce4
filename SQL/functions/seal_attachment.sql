-- With the rights of the owner of the trigger function: nobody else may hang it on a table.
CREATE FUNCTION vigil.seal_attachment(attachment integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    grantee oid;
BEGIN
    FOR grantee IN
        SELECT entry.grantee FROM pg_proc, aclexplode(proacl) AS entry
        WHERE pronamespace = 'vigil'::regnamespace AND proname = 'mirror_' || attachment AND entry.grantee NOT IN (0, proowner)
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION vigil.%I() FROM %I', 'mirror_' || attachment, pg_get_userbyid(grantee));
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.seal_attachment(integer) IS 'Takes back the right to hang the trigger function of an attachment on tables. Called by vigil.attach_entities() and vigil.attach_relationships().';
