-- With the rights of the owner of the trigger function. Who may hang it on a table is whoever is the owner of
-- the attached table in this session already.
CREATE FUNCTION vigil.lend_attachment(attachment integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    holder name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = vigil.attached_table(attachment));
BEGIN
    IF holder IS NOT NULL AND holder <> current_user THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION vigil.%I() TO %I', 'mirror_' || attachment, holder);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.lend_attachment(integer) IS 'Lets the owner of an attached table hang its trigger function on new partitions. Called by vigil.cover_partitions(), which takes the right back.';
