#!/bin/sh
# Builds and installs the extension, then runs pg_regress and pgTAP against a private cluster in a
# temporary folder, which is thrown away. Runs as root or not: PostgreSQL refuses to run as root, so
# root hands the cluster to an unprivileged user; another user needs sudo for the installation.
#   check.sh             everything
#   check.sh --reference the same cluster, but only writes ../docs/sql-reference.md
#   check.sh --accept    takes what pg_regress got as what it expects; read the difference in git
set -eu
cd "$(dirname -- "$0")"
PG_CONFIG=${PG_CONFIG:-pg_config}
command -v "$PG_CONFIG" >/dev/null || {
    echo "check.sh: $PG_CONFIG not found: install the PostgreSQL server and its development files" >&2
    exit 69
}
bin=$("$PG_CONFIG" --bindir)
[ -x "$bin/initdb" ] || {
    echo "check.sh: no PostgreSQL server in $bin: install it" >&2
    exit 69
}

if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    as_server() { runuser -u "$user" -- "$@"; }
    as_root() { "$@"; }
else
    user=$(id -un)
    as_server() { "$@"; }
    as_root() { if [ -w "$("$PG_CONFIG" --sharedir)/extension" ]; then "$@"; else sudo "$@"; fi; }
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/vigil-check.XXXXXX")
stop() {
    if [ -f "$folder/data/postmaster.pid" ]; then
        as_server "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
chmod 711 "$folder"
mkdir "$folder/data" "$folder/socket"
[ "$(id -u)" -ne 0 ] || chown "$user" "$folder/data" "$folder/socket"

make -s PG_CONFIG="$PG_CONFIG"
as_root make -s PG_CONFIG="$PG_CONFIG" install >"$folder/install.log" 2>&1 || {
    cat "$folder/install.log" >&2
    exit 1
}

cd "$folder"
# The locale is C, so that sorted output is the same everywhere; fsync does nothing for a cluster that
# is thrown away.
as_server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder/socket' -c fsync=off -c max_prepared_transactions=4" \
    start >/dev/null || {
    cat "$folder/data/server.log" >&2
    exit 1
}
cd "$OLDPWD"
PGHOST=$folder/socket PGUSER=postgres
export PGHOST PGUSER PG_CONFIG

psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

if [ "${1:-}" = --reference ]; then
    psql -d postgres -c 'CREATE EXTENSION vigil' 2>/dev/null
    PGDATABASE=postgres sh reference.sh >../docs/sql-reference.md
    exit
fi

status=0
# pg_regress writes its results into the working folder, which may belong to another user.
mkdir -p "$folder/regress" "$folder/isolation"
check() { # folder for the results, then arguments of make
    results=$1
    shift
    make -s PG_CONFIG="$PG_CONFIG" "$@" installcheck || {
        if [ "$accept" = --accept ]; then
            cp "$results"/results/*.out test/expected/
        else
            status=1
            cat "$results/regression.diffs" 2>/dev/null || true
        fi
    }
}
accept=${1:-}
check "$folder/regress" ISOLATION= \
    REGRESS_OPTS="--inputdir=$PWD/test --dbname=contrib_regression_vigil --outputdir=$folder/regress"
# Some packages of the server come without the tester of concurrent sessions.
if [ -x "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/isolation/isolationtester" ]; then
    check "$folder/isolation" REGRESS= \
        ISOLATION_OPTS="--inputdir=$PWD/test --dbname=isolation_regression_vigil --load-extension=vigil --outputdir=$folder/isolation"
else
    echo 'skipped the isolation specs: pg_isolation_regress is not installed'
fi

psql -d postgres -c 'CREATE DATABASE vigil_reference'
psql -d vigil_reference -c 'CREATE EXTENSION vigil' 2>/dev/null
PGDATABASE=vigil_reference sh reference.sh >"$folder/sql-reference.md"
if cmp -s "$folder/sql-reference.md" ../docs/sql-reference.md; then
    echo 'ok    docs/sql-reference.md tells what the COMMENTs say'
else
    echo 'FAILED docs/sql-reference.md differs from the COMMENTs: run Extension/check.sh --reference'
    diff ../docs/sql-reference.md "$folder/sql-reference.md" | head -40 || true
    status=1
fi

if [ -f "$("$PG_CONFIG" --sharedir)/extension/pgtap.control" ]; then
    for file in test/pgtap/*.sql; do
        name=$(basename "$file" .sql)
        psql -d postgres -c "CREATE DATABASE \"tap_$name\""
        "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "tap_$name" -f "$file" >"$folder/$name.tap" 2>&1 || {
            status=1
            tail -5 "$folder/$name.tap"
        }
        planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$folder/$name.tap")
        passed=$(grep -c '^ok ' "$folder/$name.tap" || true)
        if [ -n "$planned" ] && [ "$passed" -eq "$planned" ] && ! grep -q '^not ok ' "$folder/$name.tap"; then
            echo "ok    pgTAP $name: $passed tests"
        else
            status=1
            echo "FAILED pgTAP $name: $passed of ${planned:-?} tests passed"
            grep -A 6 '^not ok ' "$folder/$name.tap" || tail -20 "$folder/$name.tap"
        fi
    done
else
    echo 'skipped pgTAP: the extension pgtap is not installed'
fi
exit $status
