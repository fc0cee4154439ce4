-- Makes Vigil's roles where they are missing. It is a part of the installation, and can be run by
-- itself with psql by an administrator where the owner of Vigil may not make roles; the owner then
-- calls SELECT vigil.grant_roles().
DO $$
DECLARE
    missing text[] := ARRAY(
        SELECT name FROM unnest('{vigil_reader,vigil_analyst,vigil_admin,vigil_sidecar}'::name[]) WITH ORDINALITY AS wanted (name, position)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
        ORDER BY position);
    role text;
BEGIN
    IF cardinality(missing) = 0 THEN
        RETURN;
    END IF;
    IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        RAISE NOTICE 'the roles % do not exist, and % may not make them', array_to_string(missing, ', '), current_user
            USING HINT = 'Vigil works without them. To have them, let an administrator run SQL/roles/create_roles.sql with psql, then call SELECT vigil.grant_roles().';
        RETURN;
    END IF;
    FOREACH role IN ARRAY missing LOOP
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXECUTE format('COMMENT ON ROLE %I IS %L', role, CASE role
            WHEN 'vigil_reader' THEN 'Vigil: reads everything'
            WHEN 'vigil_analyst' THEN 'Vigil: reads everything and reviews anomalies'
            WHEN 'vigil_admin' THEN 'Vigil: an analyst who also changes settings, indicators, types and models'
            ELSE 'Vigil: the sidecar, which reads the change feed and writes the results' END);
        IF role <> 'vigil_reader' THEN
            EXECUTE format('GRANT %I TO %I',
                CASE role WHEN 'vigil_admin' THEN 'vigil_analyst' ELSE 'vigil_reader' END, role);
        END IF;
    END LOOP;
END
$$;
