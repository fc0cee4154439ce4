#!/bin/bash
# Measures what the change feed costs writers, in the real schema, on a private cluster with fsync on.
#   run.sh [all|copy|commit|update|read] ...     default: all
# Variants take turns, so that a slow minute of the machine hits all of them; what counts are the
# ratios, not the absolute figures. ROWS, RUNS, SECONDS_EACH and CLIENTS can be set in the environment.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rows=${ROWS:-300000} runs=${RUNS:-3} seconds=${SECONDS_EACH:-3} clients=${CLIENTS:-8}
. "$here/../../scripts/private-cluster.sh"
start_cluster vigil-feed -c shared_buffers=512MB -c max_wal_size=8GB -c checkpoint_timeout=1h -c autovacuum=off
export PGOPTIONS='-c client_min_messages=warning'

# A database with Vigil and 30,000 entities.
psql -d postgres -c 'CREATE DATABASE vigil'
install_vigil -d vigil
psql -d vigil -c "INSERT INTO vigil.entities (type, name, value) SELECT 'domain', 'n' || i, 'v' || i FROM generate_series(1, 30000) AS i" -c 'VACUUM ANALYZE'
variant() { # name, then SQL on standard input
    psql -d postgres -c "CREATE DATABASE $1 TEMPLATE vigil"
    psql -d "$1" -f -
}
# Bare: the same tables, constraints and foreign keys, without anything of the feed.
no_triggers="DO \$\$ DECLARE t record; BEGIN FOR t IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
    WHERE NOT tgisinternal AND tgparentid = 0 AND tgrelid IN ('vigil.entities'::regclass, 'vigil.relationships'::regclass, 'vigil.observation_history'::regclass)
    LOOP EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relation); END LOOP; END \$\$;"
{
    echo "$no_triggers"
    echo 'DROP INDEX vigil.entities_inserted_xid_idx, vigil.relationships_inserted_xid_idx;'
    echo 'ALTER TABLE vigil.entities DROP COLUMN inserted_xid; ALTER TABLE vigil.relationships DROP COLUMN inserted_xid;'
} | variant bare

# The median of the figures in a file.
median() { sort -n "$1" | awk '{v[NR]=$1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
# Runs one statement; adds its wall time and its CPU time in seconds to NAME.wall and NAME.cpu.
measure() { # name database sql
    "$bin/psql" -X -q -v ON_ERROR_STOP=1 -d "$2" -c 'SET log_statement_stats = on; SET client_min_messages = log' -c "$3" 2>&1 >/dev/null |
        awk -v name="$cluster/$1" '/user,.*system,.*elapsed/ {sub(/^!/, ""); print $1 + $4 >> (name ".cpu"); print $7 >> (name ".wall")}'
}
table() { # title, base, variants: seconds, less is better
    printf '\n%s\n%-28s %10s %10s %16s %16s\n' "$1" variant 'wall s' 'CPU s' 'rate to bare' 'by CPU time'
    local base=$2 name
    shift 2
    for name in "$base" "$@"; do
        awk -v n="${name#*-}" -v w="$(median "$cluster/$name.wall")" -v c="$(median "$cluster/$name.cpu")" \
            -v bw="$(median "$cluster/$base.wall")" -v bc="$(median "$cluster/$base.cpu")" \
            'BEGIN {printf "%-28s %10.2f %10.2f %15.0f%% %15.0f%%\n", n, w, c, 100 * bw / w, 100 * bc / c}'
    done
}

awk -v n="$rows" 'BEGIN {srand(1); for (i = 0; i < n; i++) printf "%d\t%d\trelated_to\t%.3f\t%.2f\n", 1 + int(rand() * 30000), 1 + int(rand() * 30000), rand(), rand() * 100}' >"$cluster/pg/relationships.tsv"
awk -v n="$rows" 'BEGIN {for (i = 1; i <= n; i++) printf "domain\tname %d\thost-%d.example\n", i, i}' >"$cluster/pg/entities.tsv"
chmod 644 "$cluster"/pg/*.tsv

bench_copy() {
    psql -d postgres -c 'CREATE DATABASE logged TEMPLATE bare'
    for relation in entities relationships; do
        psql -d logged -c "CREATE FUNCTION vigil.log_$relation() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS \$\$ BEGIN
            INSERT INTO vigil.observation_history (kind, operation, subject_id) SELECT '${relation:0:1}', 'H', id FROM new_rows; RETURN NULL; END \$\$;
            CREATE TRIGGER log AFTER INSERT ON vigil.$relation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION vigil.log_$relation()"
    done
    # Alternatives to a default that BEFORE triggers keep.
    variant generated < <(
        echo 'DROP TRIGGER entities_set_inserted_xid ON vigil.entities; DROP TRIGGER entities_keep_inserted_xid ON vigil.entities;'
        echo 'DROP TRIGGER relationships_set_inserted_xid ON vigil.relationships; DROP TRIGGER relationships_keep_inserted_xid ON vigil.relationships;'
        echo "CREATE FUNCTION vigil.current_transaction() RETURNS xid8 LANGUAGE sql IMMUTABLE AS 'SELECT pg_current_xact_id()';"
        for relation in entities relationships; do
            echo "ALTER TABLE vigil.$relation DROP COLUMN inserted_xid;"
            echo "ALTER TABLE vigil.$relation ADD inserted_xid xid8 NOT NULL GENERATED ALWAYS AS (vigil.current_transaction()) STORED;"
            echo "CREATE INDEX ON vigil.$relation (inserted_xid);"
        done)
    variant unguarded < <(echo 'DROP TRIGGER entities_set_inserted_xid ON vigil.entities; DROP TRIGGER relationships_set_inserted_xid ON vigil.relationships;')
    variant hash < <(for relation in entities relationships; do
        echo "DROP INDEX vigil.${relation}_inserted_xid_idx; CREATE INDEX ON vigil.$relation USING hash (inserted_xid);"
    done)
    local variants
    variants=$(psql -At -d postgres -c "SELECT datname FROM pg_database WHERE datname IN ('vigil', 'logged', 'generated', 'unguarded', 'hash') ORDER BY datname <> 'vigil', datname <> 'logged', datname")
    for ((run = 0; run < runs; run++)); do
        for name in bare $variants; do
            psql -d "$name" -c 'TRUNCATE vigil.relationships, vigil.observation_history CASCADE' -c "DELETE FROM vigil.entities WHERE id > 30000" -c 'VACUUM vigil.entities' -c CHECKPOINT
            measure "entities-$name" "$name" "COPY vigil.entities (type, name, value) FROM '$cluster/pg/entities.tsv'"
            measure "relationships-$name" "$name" "COPY vigil.relationships (source_entity_id, target_entity_id, type, confidence, weight) FROM '$cluster/pg/relationships.tsv'"
            psql -d "$name" -c 'TRUNCATE vigil.relationships, vigil.observation_history CASCADE' -c "DELETE FROM vigil.entities WHERE id > 30000" -c 'VACUUM vigil.entities'
        done
    done
    local relation name list
    for relation in entities relationships; do
        list=
        for name in $variants; do list="$list $relation-$name"; done
        # shellcheck disable=SC2086
        table "COPY of $rows $relation (median of $runs)" "$relation-bare" $list
    done
}

# A statement that pgbench repeats; adds the rate to NAME.rate.
pgbench() { # name database script
    "$bin/pgbench" -n -M prepared -d "$2" -f "$3" -c "$clients" -j 2 -T "$seconds" 2>/dev/null | awk '/^tps/ {print $3}' >>"$cluster/$1.rate"
}
rates() { # title, base, variants
    printf '\n%s\n%-28s %12s %14s\n' "$1" variant 'per second' 'rate to bare'
    local base=$2 name
    shift 2
    for name in "$base" "$@"; do
        awk -v n="${name#*-}" -v r="$(median "$cluster/$name.rate")" -v b="$(median "$cluster/$base.rate")" 'BEGIN {printf "%-28s %12.0f %13.0f%%\n", n, r, 100 * r / b}'
    done
}

bench_commit() {
    cat >"$cluster/insert.sql" <<'SQL'
\set source random(1, 30000)
\set target random(1, 30000)
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence, weight) VALUES (:source, :target, 'related_to', 0.5, 3);
SQL
    psql -d postgres -c 'CREATE DATABASE armed TEMPLATE vigil'
    psql -d armed -c 'SELECT vigil.arm_feed(true)' >/dev/null
    # The doorbell as a plain PL/pgSQL trigger that reads the flag in feed_state.
    variant plpgsql < <(
        echo 'DROP TRIGGER relationships_ring_doorbell ON vigil.relationships;'
        echo "CREATE OR REPLACE FUNCTION vigil.ring_doorbell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
            \$\$ BEGIN IF (SELECT armed FROM vigil.feed_state) THEN PERFORM pg_notify('vigil_feed', ''); END IF; RETURN NULL; END \$\$;"
        echo 'CREATE TRIGGER relationships_ring_doorbell AFTER INSERT OR UPDATE OR DELETE ON vigil.relationships FOR EACH STATEMENT EXECUTE FUNCTION vigil.ring_doorbell();')
    for ((run = 0; run < runs; run++)); do
        for name in bare vigil plpgsql armed; do
            psql -d "$name" -c 'TRUNCATE vigil.relationships, vigil.observation_history CASCADE' -c CHECKPOINT
            pgbench "commit-$name" "$name" "$cluster/insert.sql"
        done
    done
    rates "$clients durable committers, one row each (median of $runs)" commit-bare commit-vigil commit-plpgsql commit-armed
    # The flag in feed_state and the sequence, while a long transaction keeps old versions alive and the
    # reader has written 50,000 batches.
    psql -d plpgsql -c 'SELECT pg_advisory_lock(1)' -c 'BEGIN ISOLATION LEVEL REPEATABLE READ' -c 'SELECT 1' -c 'SELECT pg_sleep(300)' >/dev/null 2>&1 &
    local holder=$!
    psql -d vigil -c 'SELECT pg_advisory_lock(1)' -c 'BEGIN ISOLATION LEVEL REPEATABLE READ' -c 'SELECT 1' -c 'SELECT pg_sleep(300)' >/dev/null 2>&1 &
    local holder_of_vigil=$!
    sleep 1
    for name in vigil plpgsql; do
        psql -d "$name" -c "CREATE PROCEDURE batches() LANGUAGE plpgsql AS \$\$ BEGIN FOR i IN 1..50000 LOOP UPDATE vigil.feed_state SET batches = batches + 1 WHERE singleton; COMMIT; END LOOP; END \$\$" \
            -c 'SET synchronous_commit = off' -c 'CALL batches()'
    done
    for ((run = 0; run < 3; run++)); do
        for name in bare vigil plpgsql; do pgbench "long-$name" "$name" "$cluster/insert.sql"; done
    done
    psql -d postgres -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(300)'" >/dev/null
    wait $holder $holder_of_vigil 2>/dev/null || true
    rates "the same with 50,000 old versions of feed_state kept by a long transaction (median of 3)" long-bare long-vigil long-plpgsql
}

bench_update() {
    [ -n "$(psql -At -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'generated'")" ] || return 0
    variant invoker < <(echo 'ALTER FUNCTION vigil.record_relationship_updates() SECURITY INVOKER;')
    for name in bare vigil generated invoker; do
        psql -d "$name" -c 'TRUNCATE vigil.relationships, vigil.observation_history CASCADE' \
            -c "COPY vigil.relationships (source_entity_id, target_entity_id, type, confidence, weight) FROM '$cluster/pg/relationships.tsv'"
        # Room on the pages, as a table that lives on has it.
        psql -d "$name" -c 'UPDATE vigil.relationships SET weight = 1' -c 'TRUNCATE vigil.observation_history' -c 'VACUUM ANALYZE vigil.relationships'
    done
    for ((run = 0; run < runs; run++)); do
        for name in bare vigil generated invoker; do
            measure "update-$name" "$name" "UPDATE vigil.relationships SET last_observed = now(), confidence = 0.5 WHERE id % 4 = $run % 4"
            psql -d "$name" -c 'VACUUM vigil.relationships'
        done
    done
    table "UPDATE of $((rows / 4)) relationships in one statement (median of $runs)" update-bare update-vigil update-generated update-invoker
}

bench_read() {
    cat >"$cluster/read.sql" <<'SQL'
SELECT kind, operation, subject_id FROM vigil.observation_history WHERE recorded_xid >= '999999999999'::xid8 AND pg_visible_in_snapshot(recorded_xid, pg_current_snapshot());
SQL
    local clients=1
    for number in 1 16; do
        variant "partitions_$number" < <(
            echo 'ALTER TABLE vigil.observation_history RENAME TO old_history;'
            echo "CREATE TABLE vigil.observation_history (LIKE vigil.old_history INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY LIST ((subject_id % $number));"
            echo 'CREATE INDEX ON vigil.observation_history (recorded_xid); CREATE INDEX ON vigil.observation_history (kind, subject_id, observed_at);'
            for ((part = 0; part < number; part++)); do echo "CREATE TABLE vigil.part_$part PARTITION OF vigil.observation_history FOR VALUES IN ($part);"; done)
    done
    psql -d postgres -c 'CREATE DATABASE partitions_4 TEMPLATE vigil'
    for name in partitions_1 partitions_4 partitions_16; do
        psql -d $name -c "INSERT INTO vigil.observation_history (kind, operation, subject_id) SELECT 'e', 'U', i FROM generate_series(1, 100000) AS i" -c 'VACUUM ANALYZE vigil.observation_history'
    done
    for ((run = 0; run < runs; run++)); do
        for name in partitions_1 partitions_4 partitions_16; do SECONDS_EACH=2 pgbench "read-$name" $name "$cluster/read.sql"; done
    done
    printf '\nOne read of the history that finds nothing, by number of partitions (median of %s)\n%-28s %12s\n' "$runs" variant microseconds
    for name in partitions_1 partitions_4 partitions_16; do
        awk -v n=$name -v r="$(median "$cluster/read-$name.rate")" 'BEGIN {printf "%-28s %12.0f\n", n, 1e6 / r}'
    done
}

echo "PostgreSQL $(psql -At -d postgres -c 'SHOW server_version'), $(nproc) cores, fsync on. The figures of a shared machine are noisy: look at the ratios."
for part in ${*:-all}; do
    case $part in
    all) bench_copy && bench_update && bench_commit && bench_read ;;
    copy | commit | read) "bench_$part" ;;
    update) bench_copy && bench_update ;;
    *) echo "run.sh: unknown part $part: use all, copy, commit, update or read" >&2; exit 64 ;;
    esac
done
