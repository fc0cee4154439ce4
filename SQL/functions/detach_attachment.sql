CREATE FUNCTION vigil.detach_attachment(attachment integer, keep_rows boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    relation regclass := vigil.attached_table(attachment);
    trigger record;
BEGIN
    IF relation IS NOT NULL AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE') THEN
        RAISE EXCEPTION 'permission denied to detach table %', relation
            USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner can detach it.';
    END IF;
    FOR trigger IN
        SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE pronamespace = 'vigil'::regnamespace AND proname = 'mirror_' || attachment
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger.tgname, trigger.relation);
    END LOOP;
    PERFORM vigil.forget_attachment(attachment, keep_rows);
END
$$;

COMMENT ON FUNCTION vigil.detach_attachment(integer, boolean) IS 'Ends the mirroring of one attachment (see vigil.attached_tables) and removes what was mirrored of it, unless keep_rows is true. For the owner of the table, and for tables that have been dropped.';
