#!/bin/bash
# Measures the desk of the sidecar on a private cluster: list and one anomaly at a steady rate beside the bare
# server, a thousand clients that watch, wrk at full speed, and the page in a browser where Chromium is there.
# ANOMALIES, ENTITIES, SECONDS_EACH, RATE, CLIENTS can be set in the environment. wrk: apt-get install wrk.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
anomalies=${ANOMALIES:-100000} entities=${ENTITIES:-20000}
vigil=$here/../../.build/release/vigil
[ -x "$vigil" ] || { echo "build first: swift build -c release --product vigil" >&2; exit 66; }
. "$here/../../scripts/private-cluster.sh"
start_cluster vigil-desk -c shared_buffers=1GB -c max_wal_size=8GB -c maintenance_work_mem=256MB
export PGDATABASE=vigil PGOPTIONS='-c client_min_messages=warning'
psql -d postgres -c 'CREATE DATABASE vigil'
psql -f "$here/../../SQL/roles/create_roles.sql"
install_vigil
. "$here/../sql/fill.sh"
psql -d postgres -c 'CREATE ROLE owner SUPERUSER LOGIN'
fill_vigil
PATH=$bin:$PATH ANOMALIES=$anomalies python3 "$here/desk.py" "$vigil"
