-- A schema of that name that belongs to somebody else, or that is in use, could hold objects which
-- would be taken for Vigil's own; so the installation starts in an empty schema of its own.
DO $$
DECLARE
    schema_oid oid := pg_catalog.to_regnamespace('vigil');
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_namespace
        WHERE oid = schema_oid AND pg_catalog.pg_has_role(current_user, nspowner, 'USAGE')
    ) THEN
        RAISE EXCEPTION 'schema "vigil" belongs to another role'
            USING HINT = 'Drop it, or install Vigil as its owner.';
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_operator WHERE oprnamespace = schema_oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = schema_oid)
    THEN
        RAISE EXCEPTION 'schema "vigil" is not empty'
            USING HINT = 'Drop what is in it, or upgrade the Vigil that is installed there.';
    END IF;
END
$$;

REVOKE ALL ON SCHEMA vigil FROM PUBLIC;
COMMENT ON SCHEMA vigil IS 'Vigil: watches a graph of entities and relationships, scores and explains what changes.';
