CREATE FUNCTION vigil.adopt_attachments()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    holder CONSTANT name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'vigil.entities'::regclass);
    attachment integer;
    adopted integer := 0;
BEGIN
    FOR attachment IN SELECT known.id FROM vigil.attachments AS known ORDER BY known.id LOOP
        IF to_regprocedure(format('vigil.%I()', 'mirror_' || attachment)) IS NOT NULL THEN
            EXECUTE format('ALTER FUNCTION vigil.%I() OWNER TO %I', 'mirror_' || attachment, holder);
            PERFORM vigil.regenerate_mirror(attachment);
            adopted := adopted + 1;
        END IF;
    END LOOP;
    RETURN adopted;
END
$$;

COMMENT ON FUNCTION vigil.adopt_attachments() IS 'Gives the trigger functions of attached tables to the owner of Vigil, and writes them anew; returns how many. For a superuser, after a dump was restored by another role than the one that had installed Vigil; CALL vigil.backfill() then takes up what was written meanwhile.';
