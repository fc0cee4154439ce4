REVOKE ALL ON ALL TABLES IN SCHEMA vigil FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vigil FROM PUBLIC;

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
    -- pg_dump writes the policies even of an extension's tables, and a restore fails on those that are
    -- there already: so it brings its own.
    IF vigil.is_restoring() THEN
        RAISE NOTICE 'row_security is off, as in a restore: the policies are left to the dump'
            USING HINT = 'If this is no restore, call SELECT vigil.grant_roles().';
    END IF;
    PERFORM vigil.grant_roles(with_policies => NOT vigil.is_restoring());
END
$$;
