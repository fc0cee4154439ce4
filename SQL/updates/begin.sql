-- The beginning of every update. What is put in the place of the names in @ signs, SQL/join.sh tells.
DO $$
DECLARE
    installed CONSTANT text := vigil.version();
    holder CONSTANT name := (SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = 'vigil.entities'::regclass);
    old_routines CONSTANT name[] := ARRAY[@OLD_ROUTINES@]::name[];
    found record;
BEGIN
    IF installed <> '@FROM@' THEN
        RAISE EXCEPTION 'this is the update of Vigil from @FROM@ to @VIGIL_VERSION@, and version % is installed here', installed
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'ALTER EXTENSION vigil UPDATE and "vigil upgrade" choose the right one by themselves.';
    END IF;
    IF '@ROUTE@' = 'plain' AND EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vigil') THEN
        RAISE EXCEPTION 'Vigil is installed here as an extension, and this is the update of a plain installation'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Call ALTER EXTENSION vigil UPDATE.';
    END IF;
    -- What the update makes would belong to somebody else than what is there.
    IF holder <> current_user THEN
        RAISE EXCEPTION 'Vigil belongs to %, and the update runs as %', holder, current_user
            USING ERRCODE = 'insufficient_privilege', HINT = pg_catalog.format('Call SET ROLE %I first.', holder);
    END IF;

    -- Vigil's own triggers come back further down; others' triggers on Vigil's tables are left alone.
    FOR found IN
        SELECT hook.tgname AS name, hook.tgrelid::regclass AS relation
        FROM pg_catalog.pg_trigger AS hook
        JOIN pg_catalog.pg_class AS relation ON relation.oid = hook.tgrelid AND relation.relnamespace = 'vigil'::regnamespace
        JOIN pg_catalog.pg_proc AS routine ON routine.oid = hook.tgfoid AND routine.pronamespace = 'vigil'::regnamespace
        WHERE NOT hook.tgisinternal AND hook.tgparentid = 0 AND routine.proname = ANY (old_routines)
    LOOP
        EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', found.name, found.relation);
    END LOOP;

    -- What Vigil's roles may do, and the policies for it, come back too. Rights of other roles stay.
    FOR found IN
        SELECT policy.polname AS name, policy.polrelid::regclass AS relation
        FROM pg_catalog.pg_policy AS policy
        JOIN pg_catalog.pg_class AS relation ON relation.oid = policy.polrelid AND relation.relnamespace = 'vigil'::regnamespace
        WHERE policy.polname = 'writers' OR policy.polname ~ '^vigil_(reader|analyst|admin|sidecar)_(select|insert|update|delete)$'
    LOOP
        EXECUTE pg_catalog.format('DROP POLICY %I ON %s', found.name, found.relation);
    END LOOP;
    FOR found IN
        SELECT DISTINCT role.rolname AS role, object.target
        FROM (
            SELECT 'SCHEMA vigil' AS target, nspacl AS acl FROM pg_catalog.pg_namespace WHERE nspname = 'vigil'
            UNION ALL
            SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || relation.oid::regclass, rights.acl
            FROM pg_catalog.pg_class AS relation
            CROSS JOIN LATERAL (
                SELECT relation.relacl
                UNION ALL
                SELECT attacl FROM pg_catalog.pg_attribute WHERE attrelid = relation.oid AND attacl IS NOT NULL
            ) AS rights (acl)
            WHERE relation.relnamespace = 'vigil'::regnamespace AND relation.relkind IN ('r', 'p', 'v', 'S') AND relation.relowner = holder::regrole
            UNION ALL
            SELECT 'ROUTINE ' || oid::regprocedure, proacl
            FROM pg_catalog.pg_proc
            WHERE pronamespace = 'vigil'::regnamespace AND proname = ANY (old_routines) AND proowner = holder::regrole
        ) AS object
        CROSS JOIN LATERAL pg_catalog.aclexplode(object.acl) AS entry
        JOIN pg_catalog.pg_roles AS role ON role.oid = entry.grantee
        WHERE role.rolname IN ('vigil_reader', 'vigil_analyst', 'vigil_admin', 'vigil_sidecar')
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %I', found.target, found.role);
    END LOOP;

    -- Routines are replaced in their place: so grants and views of others survive. Those that the update
    -- leaves untouched are obsolete (obsolete.sql). This remembers what is there.
    PERFORM pg_catalog.set_config('vigil.before_update', coalesce((
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws('/', routine.oid, routine.xmin, routine.ctid), ' ')
        FROM pg_catalog.pg_proc AS routine
        WHERE routine.pronamespace = 'vigil'::regnamespace AND routine.proname = ANY (old_routines)), ''), true);
END
$$;
