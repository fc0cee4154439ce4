# A session that is played on a private cluster and written down: each answer is what psql and vigil said. To be sourced
# by bash:
#   . scripts/played-session.sh
#   start_session vigil-tour      the name of the cluster's folder; $out is the page to write
# say, play and shell write to the page; await waits for the database; follow and stop_sidecar run the sidecar.
. "$(dirname "${BASH_SOURCE[0]}")/private-cluster.sh"
vigil=${VIGIL:-}
for candidate in "$repository/.build/release/vigil" "$repository/.build/debug/vigil"; do
    [ -n "$vigil" ] || [ ! -x "$candidate" ] || vigil=$candidate
done
[ -n "$vigil" ] || {
    echo 'no program: build it with "swift build --product vigil", or say VIGIL=path' >&2
    exit 69
}
sidecar=
start_session() { # name
    PG_CONFIG=$bin/pg_config make -s -C "$repository/Extension" install >/dev/null
    start_cluster "$1" -c fsync=off -c max_connections=40
    trap '[ -z "$sidecar" ] || kill "$sidecar" 2>/dev/null; stop_cluster' EXIT
    out=$cluster/page.md
    : >"$out"
}
finish_session() { # the file of the page
    awk 'length > 120 {print "longer than 120 columns: " $0 > "/dev/stderr"}' "$out"
    cp "$out" "$1"
}
say() { cat >>"$out"; }
# A session as an analyst sees it: each statement, then its answer.
play() { # database, SQL on standard input
    {
        printf '\n```\n'
        "$bin/psql" -X -a -d "$1" -P pager=off -P format=wrapped -P columns=118 2>&1 |
            sed -e 's/^psql:<stdin>:[0-9]*: //' | fold -s -w 120 | sed -e 's/[[:space:]]*$//'
        printf '```\n'
    } >>"$out"
}
shell() { # what is typed, on standard input
    {
        printf '\n```\n'
        while read -r typed; do
            printf '$ %s\n' "$typed"
            (vigil() { "$vigil" "$@"; }; PATH=$bin:$PATH; PGOPTIONS='-c client_min_messages=warning'; export PGOPTIONS; eval "$typed") 2>&1 |
                tr '\r' '\n' | sed -e '/%$/d' -e 's/[[:space:]]*$//' -e "s#$PGHOST#/run/postgresql#g" -e "s#$cluster#/var/lib/vigil#g"
        done
        printf '```\n'
    } >>"$out"
}
await() { # database, SQL that gives t
    for ((i = 0; i < 240; i++)); do
        [ "$(psql -At -d "$1" -c "$2" 2>/dev/null)" != t ] || return 0
        sleep 0.5
    done
    echo "waited in vain for: $2" >&2
    cat "$cluster/sidecar.log" >&2
    exit 70
}
follow() { # database
    "$vigil" run --dsn "host=$PGHOST dbname=$1" >"$cluster/sidecar.log" 2>&1 &
    sidecar=$!
    await "$1" "SELECT bool_or(state = 'following') FROM vigil.sidecars"
    await "$1" "SELECT NOT EXISTS (SELECT FROM vigil.entities AS e WHERE e.is_active AND NOT EXISTS (SELECT FROM vigil.entity_scores AS s WHERE s.entity_id = e.id))"
}
stop_sidecar() {
    kill "$sidecar"
    wait "$sidecar" 2>/dev/null || true
    sidecar=
}
