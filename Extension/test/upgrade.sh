#!/bin/sh
# Compares the catalog of Vigil updated from each released version with that of a fresh installation, on both
# routes. Run by pg_regress (test/sql/upgrade.sql), with its environment; the databases are dropped again.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
sql=$here/../../SQL
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
psql() { "$("${PG_CONFIG:-pg_config}" --bindir)/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
fresh() { # database
    psql -d postgres -c 'SET client_min_messages = warning' -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 OWNER regress_vigil_owner"
}
as_owner() { # database
    { echo 'SET SESSION AUTHORIZATION regress_vigil_owner;'; cat; } | psql -d "$1"
}
plain() { # SQL of a plain script on standard input: what `vigil install` and `vigil upgrade` do around it
    echo 'SET client_min_messages = warning; BEGIN; SET LOCAL search_path = vigil, pg_catalog, pg_temp;'
    cat
    echo 'COMMIT;'
}
catalog() { # database, name
    psql -d "$1" -f "$here/sql/catalog.psql" >"$folder/$2.catalog"
    psql -d "$1" -f "$here/sql/membership.psql" >"$folder/$2.membership"
}
same() { # what, name, name
    if [ "$(wc -l <"$folder/$2.catalog")" -gt 500 ] && diff "$folder/$2.catalog" "$folder/$3.catalog" &&
        diff "$folder/$2.membership" "$folder/$3.membership"; then
        echo "$1: the same catalog"
    else
        echo "$1: ANOTHER CATALOG"
    fi
}
database=regress_vigil_upgrade
fresh $database
echo 'CREATE EXTENSION vigil' | as_owner $database
catalog $database extension
fresh $database
{ echo 'CREATE SCHEMA vigil;'; sh "$sql/join.sh" | plain; } | as_owner $database
catalog $database plain
for version in $(sh "$sql/join.sh" --released); do
    fresh $database
    echo "CREATE EXTENSION vigil VERSION '$version'; ALTER EXTENSION vigil UPDATE" | as_owner $database
    catalog $database updated
    same "ALTER EXTENSION vigil UPDATE from $version" extension updated
    fresh $database
    # A release is stored as the extension's script: without its guard and its last part.
    {
        echo 'CREATE SCHEMA vigil;'
        sed -e '/^\\echo /d' -e '/^-- extension\.sql$/,$d' "$here/../releases/vigil--$version.sql" | plain
        sh "$sql/join.sh" --update "$version" | plain
    } | as_owner $database
    catalog $database updated
    same "the plain update from $version" plain updated
done
psql -d postgres -c "DROP DATABASE $database"
