CREATE FUNCTION vigil.detach(attached regclass, keep_rows boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    attachment integer;
    detached integer := 0;
BEGIN
    -- Relationships first: entities are their ends.
    FOR attachment IN
        SELECT known.id FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached ORDER BY known.kind DESC, known.id
    LOOP
        PERFORM vigil.detach_attachment(attachment, keep_rows);
        detached := detached + 1;
    END LOOP;
    IF detached = 0 THEN
        RAISE EXCEPTION 'table % is not attached', attached
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    RETURN detached;
END
$$;

COMMENT ON FUNCTION vigil.detach(regclass, boolean) IS 'Ends all mirroring of a table and removes what was mirrored of it, unless keep_rows is true. For the owner of the table. Returns how many attachments it had.';
