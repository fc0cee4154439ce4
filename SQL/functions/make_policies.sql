-- A right alone shows no rows: each table has row-level security, and a policy only for the rights that
-- Vigil's own roles were given. So a stray GRANT on all tables opens nothing. The exception are
-- the two tables that others fill: there the rights decide. The owner is bound by none.
CREATE FUNCTION vigil.make_policies()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted record;
    made integer := 0;
BEGIN
    FOR wanted IN
        SELECT relation.oid::regclass AS relation, 'writers' AS policy, 'ALL' AS verb, 'PUBLIC' AS grantee
        FROM pg_class AS relation
        WHERE relation.oid IN ('vigil.entities'::regclass, 'vigil.relationships'::regclass)
        UNION ALL
        SELECT DISTINCT relation.oid::regclass, role.rolname || '_' || lower(acl.privilege_type COLLATE "C"), acl.privilege_type, quote_ident(role.rolname)
        FROM pg_class AS relation
        CROSS JOIN LATERAL (
            SELECT * FROM aclexplode(relation.relacl)
            UNION
            SELECT of_column.* FROM pg_attribute AS attribute CROSS JOIN LATERAL aclexplode(attribute.attacl) AS of_column
            WHERE attribute.attrelid = relation.oid
        ) AS acl
        JOIN pg_roles AS role ON role.oid = acl.grantee
        WHERE relation.relnamespace = 'vigil'::regnamespace AND relation.relkind IN ('r', 'p')
            AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            AND role.rolname IN ('vigil_reader', 'vigil_analyst', 'vigil_admin', 'vigil_sidecar')
            AND relation.oid NOT IN ('vigil.entities'::regclass, 'vigil.relationships'::regclass)
        ORDER BY 1, 2
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_policy WHERE polrelid = wanted.relation AND polname = wanted.policy);
        EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %s %s %s', wanted.policy, wanted.relation, wanted.verb, wanted.grantee,
            CASE WHEN wanted.verb <> 'INSERT' THEN 'USING (true)' END,
            CASE WHEN wanted.verb IN ('ALL', 'INSERT', 'UPDATE') THEN 'WITH CHECK (true)' END);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

COMMENT ON FUNCTION vigil.make_policies() IS 'Makes the policies that are missing for the rights that Vigil''s roles have, and returns how many it made. For the owner of Vigil.';
