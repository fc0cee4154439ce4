-- A statement fires the statement triggers of the table that it names. So each partition has its own, for
-- writers that name the partition.
CREATE FUNCTION vigil.hang_triggers(attachment integer, kind "char", attached regclass)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    member regclass;
    operation text;
    name text;
    hung integer := 0;
BEGIN
    FOR member IN
        SELECT attached
        UNION
        SELECT part.relid FROM pg_partition_tree(attached) AS part
    LOOP
        FOREACH operation IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
            -- Triggers fire in the order of their names: an entity comes before its relationships and goes after them.
            name := format('vigil_mirror_%s_%s_%s',
                CASE WHEN (kind = 'e') = (operation IN ('insert', 'update')) THEN 1 ELSE 2 END, attachment, operation);
            -- What TRUNCATE of a single partition removes cannot be told.
            CONTINUE WHEN operation = 'truncate' AND member <> attached
                OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = member AND tgname = name);
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s%s FOR EACH STATEMENT EXECUTE FUNCTION vigil.%I()',
                name, upper(operation COLLATE "C"), member,
                CASE operation
                    WHEN 'insert' THEN ' REFERENCING NEW TABLE AS new_rows'
                    WHEN 'update' THEN ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                    WHEN 'delete' THEN ' REFERENCING OLD TABLE AS old_rows'
                    ELSE '' END,
                'mirror_' || attachment);
            -- So DROP EXTENSION removes it and needs no CASCADE.
            IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vigil') THEN
                EXECUTE format('ALTER TRIGGER %I ON %s DEPENDS ON EXTENSION vigil', name, member);
            END IF;
            hung := hung + 1;
        END LOOP;
    END LOOP;
    RETURN hung;
END
$$;

COMMENT ON FUNCTION vigil.hang_triggers(integer, "char", regclass) IS 'Puts the triggers of an attachment on its table and on those partitions that lack them; returns how many. Called when a table is attached, and by vigil.cover_partitions().';
