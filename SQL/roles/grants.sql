REVOKE ALL ON ALL TABLES IN SCHEMA vigil FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA vigil FROM PUBLIC;

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
