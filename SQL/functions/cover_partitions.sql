CREATE FUNCTION vigil.cover_partitions(attached regclass)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    hung integer := 0;
BEGIN
    PERFORM vigil.check_attachable(attached);
    FOR definition IN SELECT * FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached ORDER BY known.id LOOP
        PERFORM vigil.lend_attachment(definition.id);
        hung := hung + vigil.hang_triggers(definition.id, definition.kind, attached);
        PERFORM vigil.seal_attachment(definition.id);
    END LOOP;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not attached', attached USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    RETURN hung;
END
$$;

COMMENT ON FUNCTION vigil.cover_partitions(regclass) IS 'Gives partitions that have come since a table was attached the triggers that they need where writers name the partition itself; returns how many were made. For the owner of the table.';
