#!/bin/bash
# How long it takes until a standby speaks when the leader is killed or stands still under load, and what the
# audit of memory costs. On a private cluster, with the program of the release build.
#   ENTITIES=200000 RELATIONSHIPS=1000000 RATE=500 RUNS=3 run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
entities=${ENTITIES:-200000} relationships=${RELATIONSHIPS:-1000000} rate=${RATE:-500} runs=${RUNS:-3}
program=${VIGIL:-$here/../../.build/release/vigil}
[ -x "$program" ] || { echo "run.sh: $program is not there: swift build -c release --product vigil" >&2; exit 69; }
. "$here/../../scripts/private-cluster.sh"
start_cluster vigil-failover -c shared_buffers=1GB -c max_wal_size=8GB -c maintenance_work_mem=256MB
export PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'
install_vigil
psql <<SQL
INSERT INTO vigil.entities (type, name, confidence, metadata, tags)
SELECT (ARRAY['domain', 'ip_address', 'person'])[1 + i % 3], 'n' || i, (i * 37 % 100) / 100.0, '{"a": 1, "b": "x"}', '{t}'
FROM generate_series(1, $entities) AS i;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence, weight)
SELECT 1 + (i * 7919::bigint) % $entities, 1 + (i * 104729::bigint + i / $entities) % $entities, 'related_to', (i % 100) / 100.0, i % 1000
FROM generate_series(1, $relationships) AS i;
UPDATE vigil.settings SET value = '8192' WHERE name = 'memory_limit_megabytes';
VACUUM ANALYZE;
SQL
value() { psql -At -c "$1"; }
await() { # seconds, SQL that becomes true
    local deadline=$(($(date +%s) + $1))
    until [ "$(value "$2")" = t ]; do
        [ "$(date +%s)" -lt "$deadline" ] || { echo "run.sh: waited in vain for: $2" >&2; tail -5 "$cluster"/*.log >&2; exit 1; }
        sleep 0.2
    done
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
run() { # name
    "$program" run --dsn "host=$PGHOST user=$PGUSER dbname=$PGDATABASE" --threads 2 2>>"$cluster/$1.log" &
    pids+=($!)
    disown
    await 300 "SELECT count(*) = 1 FROM vigil.sidecars WHERE pid = $! AND state IN ('following', 'standing by')"
}
pids=()
trap 'kill -9 "${pids[@]}" 2>/dev/null || true; stop_cluster' EXIT

run first
leader=${pids[0]}
began=$(date +%s)
await "${SCAN:-900}" "SELECT NOT EXISTS (SELECT FROM vigil.entities AS e WHERE NOT EXISTS (SELECT FROM vigil.entity_scores AS s WHERE s.entity_id = e.id))"
echo "graph of $entities entities and $relationships relationships; first scan $(($(date +%s) - began)) s"
value "SELECT vigil.version()" >/dev/null

# What the audit costs: CPU time of its server process over a whole round at rest.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
backend=$(value "SELECT pid FROM pg_stat_activity WHERE application_name = 'vigil audit'")
rounds=$(value "SELECT coalesce(min(rounds), 0) FROM vigil.memory_health")
await 600 "SELECT coalesce(min(rounds), 0) > $rounds FROM vigil.memory_health"
server=$(ticks "$backend") own=$(ticks "$leader") began=$(milliseconds) rounds=$((rounds + 1))
await 600 "SELECT min(rounds) > $rounds FROM vigil.memory_health"
took=$(($(milliseconds) - began))
awk -v s="$(($(ticks "$backend") - server))" -v o="$(($(ticks "$leader") - own))" -v t="$took" -v hz="$(getconf CLK_TCK)" \
    'BEGIN {printf "audit: a round of %.1f s took %.2f s of CPU in the server (%.1f %% of a core), the whole sidecar %.2f s (%.1f %%)\n", t / 1000, s / hz, 100000 * s / hz / t, o / hz, 100000 * o / hz / t}'
value "SELECT format('audit: %s: %s rows, %s s, %s found, hashes %s', kind, row_count, round(seconds::numeric, 1), found,
    CASE WHEN table_hash = memory_hash THEN 'equal' ELSE 'differ' END) FROM vigil.memory_health ORDER BY kind"

# Planted: one row that no trigger sees.
began=$(milliseconds)
psql -c "SET session_replication_role = replica; UPDATE vigil.relationships SET weight = -1 WHERE id = $((relationships * 3 / 4))"
await 120 "SELECT sum(healed) = 1 FROM vigil.memory_health"
echo "planted divergence healed after $(($(milliseconds) - began)) ms"

cat >load.sql <<SQL
\set a random(1, $entities)
\set b random(1, $entities)
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence) VALUES (:a, :b, 'references', 0.5);
SQL
for signal in KILL STOP; do
    for ((turn = 1; turn <= runs; turn++)); do
        run "standby-$signal-$turn"
        standby=${pids[-1]}
        "$bin/pgbench" -n -f load.sql -R "$rate" -c 2 -T 20 >"$cluster/load.out" 2>&1 &
        load=$!
        sleep 5
        began=$(milliseconds)
        kill -"$signal" "$leader"
        probe=$(value "INSERT INTO vigil.entities (type, confidence) VALUES ('domain', 0.01) RETURNING id")
        until [ "$(value "SELECT count(*) FROM vigil.entity_scores WHERE entity_id = $probe")" = 1 ]; do sleep 0.01; done
        echo "SIG$signal: the standby spoke after $(($(milliseconds) - began)) ms; $(grep -o 'took over.*\|milliseconds=.*' "$cluster/standby-$signal-$turn.log" | tail -1)"
        kill -9 "$leader" 2>/dev/null || true
        wait "$load"
        leader=$standby
        await 120 "SELECT lag_rows = 0 FROM vigil.feed_health"
    done
done
