-- The plain route, without the extension machinery, gives the same catalog.
CREATE DATABASE regress_vigil_plain OWNER regress_vigil_owner;
CREATE DATABASE regress_vigil_extension OWNER regress_vigil_owner;
\getenv sources PG_ABS_SRCDIR
\set catalog :sources '/sql/catalog.psql'
\setenv PGDATABASE regress_vigil_plain
\! { echo 'SET SESSION AUTHORIZATION regress_vigil_owner; BEGIN; CREATE SCHEMA vigil; SET LOCAL search_path = vigil;'; sh "$PG_ABS_SRCDIR/../../SQL/join.sh"; echo 'COMMIT;'; } | "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -v ON_ERROR_STOP=1 && echo installed
\c regress_vigil_extension
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE EXTENSION vigil;
RESET SESSION AUTHORIZATION;
\set extension_catalog `mktemp`
\set ECHO none
\o :extension_catalog
\i :catalog
\o
\set ECHO all
\c regress_vigil_plain
\set plain_catalog `mktemp`
\set ECHO none
\o :plain_catalog
\i :catalog
\o
\set ECHO all
\setenv FIRST :extension_catalog
\setenv SECOND :plain_catalog
\! test "$(wc -l <"$FIRST")" -gt 500 && diff "$FIRST" "$SECOND" && echo 'the same catalog'; rm -f "$FIRST" "$SECOND"
-- It works, and a second installation is refused.
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'one') RETURNING id;
\! { echo 'SET SESSION AUTHORIZATION regress_vigil_owner; BEGIN; SET LOCAL search_path = vigil;'; sh "$PG_ABS_SRCDIR/../../SQL/join.sh"; echo 'COMMIT;'; } | "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -v ON_ERROR_STOP=1 2>&1 | sed 's/^psql:[^ ]* //'
\c contrib_regression_vigil
DROP DATABASE regress_vigil_plain;
DROP DATABASE regress_vigil_extension;
