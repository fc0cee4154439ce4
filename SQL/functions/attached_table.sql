CREATE FUNCTION vigil.attached_table(attachment integer)
RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT min(trigger.tgrelid)::regclass
    FROM pg_catalog.pg_trigger AS trigger
    JOIN pg_catalog.pg_proc AS routine ON routine.oid = trigger.tgfoid
    JOIN pg_catalog.pg_class AS relation ON relation.oid = trigger.tgrelid AND NOT relation.relispartition
    WHERE routine.proname = 'mirror_' || attachment AND routine.pronamespace = 'vigil'::regnamespace
);

COMMENT ON FUNCTION vigil.attached_table(integer) IS 'The table that bears the triggers of an attachment, whatever it is called now; null: it was dropped.';
