#!/bin/sh
# Writes the SQL reference, as Markdown, from the COMMENTs of a database in which Vigil is installed.
# The connection is that of libpq's environment variables.
set -eu
"$("${PG_CONFIG:-pg_config}" --bindir)/psql" -X -q -A -t -v ON_ERROR_STOP=1 <<'SQL'
SET search_path = pg_catalog;
SET TimeZone = 'UTC';
\echo '# SQL reference'
\echo
\echo 'Generated from the comments in the database by `Extension/check.sh --reference`; do not edit it by hand.'
\echo
\echo '## Tables and views'
SELECT format(E'\n### `vigil.%s`\n\n%s %s\n\n| column | type | meaning |\n|---|---|---|\n%s',
    relation.relname,
    CASE relation.relkind WHEN 'v' THEN 'View.' ELSE 'Table.' END,
    replace(obj_description(relation.oid, 'pg_class'), '|', '\|'),
    string_agg(
        format('| `%s` | %s | %s |', attribute.attname,
            format_type(attribute.atttypid, attribute.atttypmod),
            replace(coalesce(col_description(relation.oid, attribute.attnum), ''), '|', '\|')),
        E'\n' ORDER BY attribute.attnum))
FROM pg_class AS relation
JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE relation.relnamespace = 'vigil'::regnamespace
    AND relation.relkind IN ('r', 'p', 'v') AND NOT relation.relispartition
GROUP BY relation.oid, relation.relname, relation.relkind
ORDER BY relation.relkind = 'v' DESC, relation.relname COLLATE "C";
\echo
\echo '## Functions'
SELECT format(E'\n### `vigil.%s(%s)`\n\n%s. %s',
    routine.proname, pg_get_function_arguments(routine.oid),
    CASE routine.prokind WHEN 'p' THEN 'Procedure' ELSE format('Returns `%s`', pg_get_function_result(routine.oid)) END, obj_description(routine.oid, 'pg_proc'))
FROM pg_proc AS routine
WHERE routine.pronamespace = 'vigil'::regnamespace AND routine.prorettype <> 'trigger'::regtype
ORDER BY routine.proname COLLATE "C";
\echo
\echo '## Types'
SELECT format(E'\n### `vigil.%s`\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n%s',
    type.typname, obj_description(type.oid, 'pg_type'),
    string_agg(
        format('| `%s` | %s | %s |', attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
            replace(coalesce(col_description(type.typrelid, attribute.attnum), ''), '|', '\|')),
        E'\n' ORDER BY attribute.attnum))
FROM pg_type AS type
JOIN pg_class AS relation ON relation.oid = type.typrelid AND relation.relkind = 'c'
JOIN pg_attribute AS attribute ON attribute.attrelid = type.typrelid AND attribute.attnum > 0
WHERE type.typnamespace = 'vigil'::regnamespace
GROUP BY type.oid, type.typname, type.typrelid
ORDER BY type.typname COLLATE "C";
\echo
\echo '## Settings'
\echo
\echo '| setting | default | unit | allowed | meaning |'
\echo '|---|---|---|---|---|'
SELECT format('| `%s` | %s | %s | %s | %s |', name, default_value, unit,
    CASE WHEN minimum IS NOT NULL THEN minimum || ' to ' || maximum ELSE jsonb_typeof(default_value) END, description)
FROM vigil.settings
ORDER BY name COLLATE "C";
\echo
\echo '## Roles'
\echo
\echo '| role | meaning |'
\echo '|---|---|'
SELECT format('| `%s` | %s |', rolname, replace(shobj_description(oid, 'pg_authid'), 'Vigil: ', ''))
FROM pg_roles
WHERE rolname IN ('vigil_reader', 'vigil_analyst', 'vigil_admin', 'vigil_sidecar')
ORDER BY rolname COLLATE "C";
\echo
\echo '## Notifications'
\echo
\echo '| channel | payload | when |'
\echo '|---|---|---|'
\echo '| `vigil_feed` | empty | something was written while the reader of the change feed sleeps |'
\echo '| `vigil_anomalies` | id of the anomaly | the sidecar has found an anomaly |'
\echo '| `vigil_configuration` | name of the table | settings, indicators, models or types have changed |'
\echo '| `vigil_tasks` | empty | a task was filed, or its runner is asked to stop |'
SQL
