CREATE FUNCTION vigil.check_attachable(attached regclass)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
    what text;
    hint text;
BEGIN
    SELECT pg_class.*, nspname INTO relation
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = attached;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no table is given' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give its name: attached => ''public.hosts''.';
    END IF;
    CASE
        WHEN relation.relkind = 'v' THEN
            what := 'is a view'; hint := 'Views tell nobody of changes. Attach the tables that it reads.';
        WHEN relation.relkind = 'm' THEN
            what := 'is a materialized view'; hint := 'REFRESH fires no triggers. Attach the tables that it reads.';
        WHEN relation.relkind = 'f' OR EXISTS (
            SELECT FROM pg_partition_tree(attached) AS member JOIN pg_class AS part ON part.oid = member.relid WHERE part.relkind = 'f')
        THEN
            what := CASE relation.relkind WHEN 'f' THEN 'is a foreign table' ELSE 'has a partition that is a foreign table' END;
            hint := 'Changes on the other server fire no triggers here. Attach the table there, or copy the rows into a local table.';
        WHEN relation.relkind NOT IN ('r', 'p') THEN
            what := 'is no table'; hint := 'Give the name of a table.';
        WHEN relation.relpersistence = 't' THEN
            what := 'is a temporary table'; hint := 'Copy its rows into a permanent table.';
        WHEN relation.relpersistence = 'u' THEN
            what := 'is an unlogged table'; hint := format('A crash empties it without firing a trigger. ALTER TABLE %s SET LOGGED first.', attached);
        WHEN relation.nspname IN ('vigil', 'information_schema') OR relation.nspname LIKE E'pg\\_%' THEN
            what := format('belongs to schema %I', relation.nspname); hint := 'Attach tables of your own.';
        WHEN relation.relispartition THEN
            what := 'is a partition'; hint := format('Attach the partitioned table: %s.', pg_partition_root(attached));
        WHEN relation.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = attached OR inhrelid = attached) THEN
            what := 'inherits from a table or is inherited'; hint := 'Keys are not unique across inheritance. Use a partitioned table, or a table of its own.';
        ELSE NULL;
    END CASE;
    IF what IS NOT NULL THEN
        RAISE EXCEPTION 'cannot attach %', attached
            USING ERRCODE = 'wrong_object_type', DETAIL = format('%s %s.', attached, what), HINT = hint;
    END IF;
    IF NOT pg_has_role(relation.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'permission denied to attach table %', attached
            USING ERRCODE = 'insufficient_privilege',
                DETAIL = format('The table belongs to %I.', pg_get_userbyid(relation.relowner)),
                HINT = 'Only its owner can attach it: attaching puts triggers on the table and shows its rows to the readers of Vigil.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_attachable(regclass) IS 'Refuses what cannot be attached: views, foreign and temporary tables, partitions, tables of others. Called by vigil.attach_entities() and vigil.attach_relationships().';
