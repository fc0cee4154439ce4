#!/bin/sh
# Checks META.json against what the specification of PGXN (https://pgxn.org/spec/) requires, and its versions against
# vigil.control. Run by pg_regress (test/sql/install.sql), with its environment.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$here/../vigil.control")
"$("${PG_CONFIG:-pg_config}" --bindir)/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d postgres -v version="$version" -v meta="$(cat "$here/../META.json")" <<'SQL'
SET client_min_messages = warning;
CREATE TEMPORARY TABLE meta AS SELECT :'meta'::jsonb AS meta;
CREATE TEMPORARY TABLE rule (rule text, holds boolean);
-- Required keys and their forms.
INSERT INTO rule SELECT 'has ' || key, coalesce(jsonb_typeof(meta -> key) = kind AND meta -> key NOT IN ('""', '{}', '[]'), false)
FROM meta, (VALUES ('name', 'string'), ('version', 'string'), ('abstract', 'string'), ('maintainer', 'string'), ('license', 'string'),
    ('provides', 'object'), ('meta-spec', 'object')) AS required (key, kind);
INSERT INTO rule SELECT 'has no key that the specification does not know', NOT EXISTS (
    SELECT FROM jsonb_object_keys(meta) AS key WHERE key NOT IN ('name', 'version', 'abstract', 'maintainer', 'license', 'provides', 'meta-spec',
        'description', 'generated_by', 'tags', 'no_index', 'prereqs', 'release_status', 'resources') AND key !~* '^x_') FROM meta;
INSERT INTO rule SELECT 'meta-spec is version 1.0.0 at its address', meta -> 'meta-spec' @> '{"version": "1.0.0"}' AND meta #>> '{meta-spec,url}' IN ('https://pgxn.org/meta/spec.txt', 'http://pgxn.org/meta/spec.txt') FROM meta;
INSERT INTO rule SELECT 'the license is one of the known names', meta ->> 'license' IN ('agpl_3', 'apache_1_1', 'apache_2_0', 'artistic_1', 'artistic_2', 'bsd', 'freebsd', 'gfdl_1_2', 'gfdl_1_3',
    'gpl_1', 'gpl_2', 'gpl_3', 'lgpl_2_1', 'lgpl_3_0', 'mit', 'mozilla_1_0', 'mozilla_1_1', 'openssl', 'perl_5', 'postgresql', 'qpl_1_0', 'ssleay', 'sun', 'zlib', 'open_source', 'restricted', 'unrestricted', 'unknown') FROM meta;
INSERT INTO rule SELECT 'names are terms: two characters or more, without spaces, slashes and control characters', meta ->> 'name' ~ '^[^[:space:][:cntrl:]/\\]{2,}$' FROM meta;
INSERT INTO rule SELECT 'tags are short texts', NOT EXISTS (SELECT FROM jsonb_array_elements(meta -> 'tags') AS tag WHERE jsonb_typeof(tag) <> 'string' OR length(tag #>> '{}') NOT BETWEEN 1 AND 256) FROM meta;
INSERT INTO rule SELECT 'extension ' || key || ' has file, version and abstract, and its version is a semantic one',
    coalesce(jsonb_typeof(value -> 'file') = 'string' AND value ->> 'version' ~ '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$' AND jsonb_typeof(value -> 'abstract') = 'string', false)
FROM meta, jsonb_each(meta -> 'provides');
INSERT INTO rule SELECT 'prerequisites are in phases and relations with versions', NOT EXISTS (
    SELECT FROM jsonb_each(meta -> 'prereqs') AS phase (name, relations), jsonb_each(relations) AS relation (name, packages), jsonb_each_text(packages) AS package (name, version)
    WHERE phase.name NOT IN ('configure', 'runtime', 'build', 'test', 'develop') OR relation.name NOT IN ('requires', 'recommends', 'suggests', 'conflicts') OR package.version !~ '^[0-9<>=! .,]+$') FROM meta;
-- One version everywhere.
INSERT INTO rule SELECT 'the version is that of vigil.control', meta ->> 'version' = :'version' FROM meta;
INSERT INTO rule SELECT 'the extension''s version and file are too', meta #>> '{provides,vigil,version}' = :'version' AND meta #>> '{provides,vigil,file}' LIKE '%vigil--' || :'version' || '.sql' FROM meta;
SELECT CASE WHEN bool_and(coalesce(holds, false)) THEN 'META.json keeps all rules' ELSE 'BROKEN: ' || string_agg(rule, '; ') FILTER (WHERE NOT coalesce(holds, false)) END FROM rule;
SELECT 'fewer rules than there should be' FROM rule HAVING count(*) < 16;
SQL
