REVOKE ALL ON ALL TABLES IN SCHEMA vigil FROM PUBLIC;
-- One by one: in an update there are also trigger functions of attached tables. Those are no members of
-- the extension, and what is revoked from them here would be taken for a part of it by a dump.
DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT oid FROM pg_catalog.pg_proc
        WHERE pronamespace = 'vigil'::regnamespace AND proname !~ '^mirror_[0-9]+$'
        ORDER BY oid
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

-- The triggers of every writer, whoever it is, read the doorbell. It tells nobody anything.
GRANT SELECT ON SEQUENCE vigil.feed_doorbell TO PUBLIC;

DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_catalog.pg_class
        WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p')
        ORDER BY oid
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    END LOOP;
    PERFORM vigil.grant_roles();
END
$$;
