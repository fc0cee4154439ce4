# A private PostgreSQL cluster that is thrown away at the end, for benchmarks and tours. To be sourced by bash:
#   . scripts/private-cluster.sh
#   start_cluster vigil-feed -c shared_buffers=512MB ...    the name of its folder, then options of the server
# It listens on a Unix socket only, belongs to nobody's other clusters, and ends with the script. Root hands it to
# an unprivileged user, because PostgreSQL refuses to run as root. Afterwards:
#   $cluster        a folder for the script's own files, with the current directory in it
#   $cluster/pg     a folder that the server can read and write; its socket is there
#   $bin            PostgreSQL's programs; psql and install_vigil call them
# PGHOST and PGUSER point to it, as the superuser postgres.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$("${PG_CONFIG:-$("$repository/scripts/pg-config.sh" || echo pg_config)}" --bindir)
if [ "$(id -u)" -eq 0 ]; then
    server_user=nobody
    if id postgres >/dev/null 2>&1; then server_user=postgres; fi
    as_server() { runuser -u "$server_user" -- "$@"; }
else
    as_server() { "$@"; }
fi
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

stop_cluster() {
    [ ! -f "$cluster/pg/data/postmaster.pid" ] || as_server "$bin/pg_ctl" -D "$cluster/pg/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$cluster"
}
start_cluster() { # name, options of the server
    cluster=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX")
    shift
    trap stop_cluster EXIT
    trap 'exit 130' INT TERM
    mkdir "$cluster/pg"
    chmod 755 "$cluster"
    [ "$(id -u)" -ne 0 ] || chown "$server_user" "$cluster/pg"
    cd "$cluster"
    as_server "$bin/initdb" -D "$cluster/pg/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
    as_server "$bin/pg_ctl" -D "$cluster/pg/data" -l "$cluster/pg/log" -w start \
        -o "-c listen_addresses='' -c unix_socket_directories='$cluster/pg' $*" >/dev/null || {
        cat "$cluster/pg/log" >&2
        exit 1
    }
    export PGHOST=$cluster/pg PGUSER=postgres
}
install_vigil() { # arguments of psql: the database, and the role that installs
    {
        echo 'BEGIN; CREATE SCHEMA vigil; SET LOCAL search_path = vigil; SET LOCAL client_min_messages = warning;'
        sh "$repository/SQL/join.sh"
        echo 'COMMIT;'
    } | psql "$@"
}
