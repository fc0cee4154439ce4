#!/bin/sh
# Runs test/scenario.sql in databases of several locales and with several settings, and through PgBouncer's
# transaction pooling where that is installed, and compares the answers with those of a plain database. Run by pg_regress
# (test/sql/environments.sql) with its environment.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d)
chmod 755 "$folder"
pooler=
finish() {
    [ -z "$pooler" ] || kill "$pooler" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
bin=$("${PG_CONFIG:-pg_config}" --bindir)
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
database=regress_vigil_environment
fresh() { # options of CREATE DATABASE
    psql -d postgres -c 'SET client_min_messages = warning' -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database OWNER regress_vigil_owner $*"
    psql -d $database -c 'CREATE SCHEMA inventory AUTHORIZATION regress_vigil_owner' -c 'CREATE SCHEMA hostile'
    # Objects that would be taken for PostgreSQL's own where a name is not qualified.
    psql -d $database <<'SQL'
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'infinity'::timestamptz $$;
CREATE FUNCTION hostile.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$;
CREATE FUNCTION hostile.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$;
CREATE FUNCTION hostile.less(bigint, bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
CREATE OPERATOR hostile.< (FUNCTION = hostile.less, LEFTARG = bigint, RIGHTARG = bigint);
CREATE FUNCTION hostile.joined(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$;
CREATE TABLE hostile.pg_class (oid oid, relname name);
CREATE TABLE hostile.pg_extension (extname name);
CREATE TABLE hostile.settings (name text, value jsonb);
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
SQL
}
run() { # name, then settings as options of the server's session
    name=$1
    shift
    psql -d $database -c 'SET SESSION AUTHORIZATION regress_vigil_owner' -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION vigil'
    # The owner itself: roles are not what is tested here.
    PGOPTIONS="-c client_min_messages=warning $*" psql -U regress_vigil_owner -d $database -f "$here/scenario.sql" >"$folder/$name.out" 2>&1 || true
}
same() { # title, name
    if [ "$(wc -l <"$folder/plain.out")" -gt 60 ] && diff "$folder/plain.out" "$folder/$2.out"; then echo "$1: the same answers"; else echo "$1: OTHER ANSWERS"; fi
}
fresh
run plain
grep ERROR "$folder/plain.out" || true
for locale in tr-TR de-DE; do
    if fresh "TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE '$locale'" 2>/dev/null; then
        run "$locale"
        same "locale $locale" "$locale"
    else
        echo "locale $locale: skipped, this server has no ICU"
    fi
done
for zone in Pacific/Auckland America/St_Johns; do
    fresh
    run zone -c TimeZone=$zone -c DateStyle=SQL,DMY -c IntervalStyle=sql_standard -c extra_float_digits=-5 -c bytea_output=escape
    same "time zone $zone, other styles" zone
done
fresh
run strings -c standard_conforming_strings=off -c escape_string_warning=off -c backslash_quote=off
same 'standard_conforming_strings off' strings
fresh
run path -c search_path=hostile,pg_catalog,public
same 'a hostile search_path' path
fresh
run plans -c jit_above_cost=0 -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c work_mem=64kB
same 'other plans' plans
PATH=$PATH:/usr/sbin
if command -v pgbouncer >/dev/null; then
    fresh
    psql -d $database -c 'SET SESSION AUTHORIZATION regress_vigil_owner' -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION vigil'
    cat >"$folder/pgbouncer.ini" <<INI
[databases]
$database = host=$PGHOST port=${PGPORT:-5432} user=regress_vigil_owner
[pgbouncer]
listen_addr =
listen_port = 6544
unix_socket_dir = $folder/pooler
auth_type = any
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = extra_float_digits,options
INI
    mkdir "$folder/pooler"
    # It refuses to run as root.
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder/pooler"
        runuser -u postgres -- pgbouncer -q "$folder/pgbouncer.ini" >/dev/null 2>&1 &
    else
        pgbouncer -q "$folder/pgbouncer.ini" >/dev/null 2>&1 &
    fi
    pooler=$!
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -S "$folder/pooler/.s.PGSQL.6544" ] || break
        sleep 0.2
    done
    PGHOST=$folder/pooler PGPORT=6544 PGOPTIONS= psql -d $database -f "$here/scenario.sql" >"$folder/pooled.out" 2>&1 || true
    same "PgBouncer's transaction pooling" pooled
    kill $pooler
    wait $pooler 2>/dev/null || true
    pooler=
else
    echo "PgBouncer's transaction pooling: skipped, pgbouncer is not installed"
fi
psql -d postgres -c "DROP DATABASE $database"
