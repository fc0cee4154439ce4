-- An ordinary role with CREATE on the database installs Vigil.
\set VERBOSITY default
CREATE ROLE regress_vigil_owner NOSUPERUSER NOCREATEROLE NOCREATEDB LOGIN;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_vigil_owner', current_database()) \gexec
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE EXTENSION vigil;
SELECT vigil.version() = extversion AND extversion ~ '^[0-9]+\.[0-9]+\.[0-9]+$' AS is_the_version FROM pg_extension WHERE extname = 'vigil';
SELECT extname, extnamespace::regnamespace, extowner::regrole, extrelocatable FROM pg_extension WHERE extname = 'vigil';

-- Everything belongs to the installer and is a member of the extension.
SELECT count(*) FILTER (WHERE relowner <> 'regress_vigil_owner'::regrole) AS of_others,
    count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('e', 'i', 'a'))
        AND relkind IN ('r', 'p', 'v', 'S')) AS no_members
FROM pg_class WHERE relnamespace = 'vigil'::regnamespace;

-- Every object has a comment.
SELECT relation.oid::regclass AS without_comment
FROM pg_class AS relation
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v')
    AND obj_description(relation.oid, 'pg_class') IS NULL;
SELECT relation.oid::regclass, attname AS without_comment
FROM pg_class AS relation
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v', 'c') AND NOT relispartition
    AND col_description(relation.oid, attnum) IS NULL;
SELECT oid::regprocedure AS without_comment
FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL;

-- Functions name their search_path, unless their body was parsed at the installation. Procedures that commit cannot.
SELECT oid::regprocedure AS without_search_path
FROM pg_proc
WHERE pronamespace = 'vigil'::regnamespace AND prosqlbody IS NULL AND prokind <> 'p'
    AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=pg_catalog, pg_temp%', false);

-- A second installation is refused.
CREATE EXTENSION vigil;
RESET SESSION AUTHORIZATION;
-- What PGXN reads.
\! sh "$PG_ABS_SRCDIR/meta.sh"
