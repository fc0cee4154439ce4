#!/bin/bash
# Measures what analysts wait for, and what the review workflow costs who writes anomalies, on a private
# cluster with fsync on and a million anomalies.
#   run.sh [read|write|decide|feed] ...     default: all of them
# ANOMALIES, ENTITIES and RUNS can be set in the environment. Variants take turns; medians count.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
anomalies=${ANOMALIES:-1000000} entities=${ENTITIES:-200000} runs=${RUNS:-15} rows=${ROWS:-300000}
. "$here/../../scripts/private-cluster.sh"
start_cluster vigil-sql -c shared_buffers=1GB -c max_wal_size=8GB -c checkpoint_timeout=1h -c autovacuum=off -c maintenance_work_mem=512MB
export PGDATABASE=vigil PGOPTIONS='-c client_min_messages=warning'

psql -d postgres -c 'CREATE ROLE owner LOGIN' -c 'CREATE DATABASE vigil OWNER owner' -c 'CREATE ROLE analyst LOGIN' -c 'CREATE ROLE sidecar LOGIN'
psql -f "$here/../../SQL/roles/create_roles.sql"
psql -c 'GRANT vigil_analyst TO analyst' -c 'GRANT vigil_sidecar TO sidecar'
install_vigil -U owner
. "$here/fill.sh"
fill_vigil

median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
# Median milliseconds of a statement in one session, after one call that warms it up.
timed() { # role sql
    { echo '\timing on'; for ((i = 0; i <= runs; i++)); do echo "$2;"; done; } |
        psql -U "$1" -o /dev/null -f - 2>&1 | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n +2 | median
}
line() { printf '%-66s %10s %10s\n' "$1" "$2" "${3:-}"; }

bench_read() {
    local id hub
    id=$(psql -At -c 'SELECT id FROM vigil.anomalies_open LIMIT 1')
    hub=$(psql -At -c "SELECT id FROM vigil.anomalies WHERE subject_id = 2 LIMIT 1")
    line "as vigil_analyst, $anomalies anomalies" 'median ms' 'bar ms'
    line 'list_anomalies(), first page' "$(timed analyst 'SELECT * FROM vigil.list_anomalies()')" 2
    line "list_anomalies(order_by => 'time')" "$(timed analyst "SELECT * FROM vigil.list_anomalies(order_by => 'time')")" 2
    line "list_anomalies(severity => 'critical', type => 'temporal')" "$(timed analyst "SELECT * FROM vigil.list_anomalies(severity => 'critical', type => 'temporal')")"
    line "list_anomalies(verdict => 'benign', assigned_to => 'ann')" "$(timed analyst "SELECT * FROM vigil.list_anomalies(verdict => 'benign', assigned_to => 'ann')")"
    line "list_anomalies(subject => 'name 77')" "$(timed analyst "SELECT * FROM vigil.list_anomalies(subject => 'name 77')")"
    line 'list_anomalies(after => the 100,000th)' "$(timed analyst "SELECT * FROM vigil.list_anomalies(after => '$(psql -At -c "SELECT vigil.anomaly_cursor(id) FROM vigil.anomalies WHERE is_active ORDER BY anomaly_score DESC, first_detected DESC, id DESC OFFSET 99999 LIMIT 1")')")"
    line 'anomalies_open LIMIT 20' "$(timed analyst 'SELECT * FROM vigil.anomalies_open LIMIT 20')"
    line 'entity_anomalies(77)' "$(timed analyst 'SELECT * FROM vigil.entity_anomalies(77)')"
    line 'anomaly(id)' "$(timed analyst "SELECT * FROM vigil.anomaly('$id')")"
    line 'anomaly_stats(30)' "$(timed analyst 'SELECT * FROM vigil.anomaly_stats(30)')" 50
    line 'anomaly_summary' "$(timed analyst 'SELECT * FROM vigil.anomaly_summary')"
    line 'anomaly_dot(id, 2)' "$(timed analyst "SELECT vigil.anomaly_dot('$id', 2)")" 20
    line 'anomaly_dot(id, 2) of an entity with very many relationships' "$(timed analyst "SELECT vigil.anomaly_dot('$hub', 2)")"
    line 'detect_batch of 100' "$(timed analyst 'SELECT * FROM vigil.detect_batch(ARRAY(SELECT generate_series(1, 100)), 0)')" 10
}

# What a new anomaly and a repetition cost, one statement each as the sidecar writes them, in CPU and fsync.
bench_write() {
    local insert="INSERT INTO vigil.anomalies AS a (subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
            description, explanation, detection_method, indicators)
        VALUES ('entity', :subject, 'domain', 'name', :subject, 'relationship', :score / 1000.0, :score / 1000.0, 0.7, 'high', 'It is strange.', '{\"summary\": \"It is strange.\"}', 'isolation_forest', '{unusual_degree}')
        ON CONFLICT (subject_kind, subject_id, anomaly_type) WHERE is_active DO UPDATE SET anomaly_score = excluded.anomaly_score,
            peak_score = greatest(a.peak_score, excluded.anomaly_score), indicators = excluded.indicators, last_detected = excluded.last_detected, occurrences = a.occurrences + 1, updated_at = now();"
    printf '\\set subject random(1000000, 900000000)\n\\set score random(500, 999)\n%s\n' "$insert" >"$cluster/new.sql"
    printf '\\set subject random(1, 900)\n\\set score random(500, 999)\n%s\n' "$insert" >"$cluster/again.sql"
    psql -d postgres -c 'CREATE DATABASE lean TEMPLATE vigil'
    # Without what the review workflow adds to a writer: placing, counting, and the indexes of the filters.
    psql -d lean -c 'DROP TRIGGER anomalies_place ON vigil.anomalies' -c 'DROP TRIGGER anomalies_suppress_anew ON vigil.anomalies' \
        -c 'DROP TRIGGER anomalies_count_inserts ON vigil.anomalies' -c 'DROP TRIGGER anomalies_count_updates ON vigil.anomalies' -c 'DROP TRIGGER anomalies_audit ON vigil.anomalies' \
        -c 'DROP INDEX vigil.anomalies_score_idx, vigil.anomalies_severity_idx, vigil.anomalies_type_idx, vigil.anomalies_method_idx, vigil.anomalies_subject_name_idx, vigil.anomalies_incident_id_idx, vigil.anomalies_community_id_idx'
    line 'anomalies one by one, as vigil_sidecar' 'ms each' 'without'
    for script in new again; do
        : >"$cluster/lean.ms"
        : >"$cluster/vigil.ms"
        for ((i = 0; i < 3; i++)); do
            for name in lean vigil; do
                "$bin/pgbench" -n -M prepared -U sidecar -d "$name" -f "$cluster/$script.sql" -c 1 -T 4 2>/dev/null | awk '/^latency average/ {print $4}' >>"$cluster/$name.ms"
            done
        done
        line "$([ $script = new ] && echo 'a new anomaly' || echo 'the same anomaly again')" "$(median <"$cluster/vigil.ms")" "$(median <"$cluster/lean.ms")"
    done
    line 'anomaly_stats(30) after them' "$(timed analyst 'SELECT * FROM vigil.anomaly_stats(30)')"
}

bench_decide() {
    line 'decisions, as vigil_analyst' 'median ms'
    line 'review_anomaly' "$(timed analyst "SELECT vigil.review_anomaly((SELECT id FROM vigil.anomalies WHERE subject_id = 5 LIMIT 1), 'undecided', 'seen')")"
    line 'review_anomalies of 1,000' "$(runs=2 timed analyst "SELECT vigil.review_anomalies(ARRAY(SELECT id FROM vigil.anomalies WHERE subject_id BETWEEN 1 AND 200 LIMIT 1000), 'undecided', 'seen')")"
    line "suppress_anomalies(name_pattern => 'name 77%')" "$(runs=2 timed analyst "SELECT vigil.suppress_anomalies('noise', name_pattern => 'name 77%')")"
    line "verify_audit(), $(psql -At -c 'SELECT count(*) FROM vigil.audit_log') decisions" "$(runs=2 timed analyst 'SELECT * FROM vigil.verify_audit()')"
    line 'list_anomalies() with those suppressed' "$(timed analyst 'SELECT * FROM vigil.list_anomalies()')" 2
}

# COPY into vigil.entities, with row-level security and without; DELETE of entities without anomalies.
bench_feed() {
    awk -v n="$rows" 'BEGIN {for (i = 1; i <= n; i++) printf "domain\tcopied %d\tcopied-%d.example\n", i, i}' >"$cluster/pg/entities.tsv"
    chmod 644 "$cluster/pg/entities.tsv"
    psql -d postgres -c 'CREATE DATABASE feed OWNER owner'
    install_vigil -U owner -d feed
    psql -d postgres -c 'CREATE DATABASE open TEMPLATE feed OWNER owner'
    psql -d open -U owner -c "DO \$\$ DECLARE r regclass; BEGIN FOR r IN SELECT oid FROM pg_class WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', r); END LOOP; END \$\$"
    psql -d postgres -c 'CREATE ROLE writer LOGIN'
    for name in feed open; do psql -d $name -c 'GRANT USAGE ON SCHEMA vigil TO writer' -c 'GRANT SELECT, INSERT, DELETE ON vigil.entities TO writer'; done
    line "$rows entities" 'RLS on, s' 'RLS off, s'
    local role
    for role in owner writer; do
        : >"$cluster/feed.s"
        : >"$cluster/open.s"
        for ((i = 0; i < 5; i++)); do
            for name in feed open; do
                if [ $role = owner ]; then
                    psql -d $name -U owner -c '\timing on' -c "\\copy vigil.entities (type, name, value) FROM '$cluster/pg/entities.tsv'"
                else
                    psql -d $name -U owner -c 'CREATE TABLE IF NOT EXISTS public.staged AS SELECT type, name, value FROM vigil.entities LIMIT 0' -c 'TRUNCATE public.staged' -c "\\copy public.staged FROM '$cluster/pg/entities.tsv'" -c 'GRANT SELECT ON public.staged TO writer'
                    psql -d $name -U writer -c '\timing on' -c 'INSERT INTO vigil.entities (type, name, value) SELECT type, name, value FROM public.staged'
                fi | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | awk '{print $1 / 1000}' >>"$cluster/$name.s"
                psql -d $name -U owner -c 'TRUNCATE vigil.entities CASCADE'
                psql -d $name -c CHECKPOINT
            done
        done
        line "$([ $role = owner ] && echo 'COPY as the owner' || echo 'INSERT ... SELECT as a writer')" "$(median <"$cluster/feed.s")" "$(median <"$cluster/open.s")"
    done
    line 'COPY as a writer that is not the owner' "$(psql -d feed -U writer -c "\\copy vigil.entities (type, name, value) FROM '$cluster/pg/entities.tsv'" 2>&1 | sed -n 's/^ERROR: *//p' | cut -c1-40)"
}

for part in ${*:-read write decide feed}; do
    echo
    "bench_$part"
done
