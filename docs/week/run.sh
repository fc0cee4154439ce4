#!/bin/bash
# Plays a week of learning on a private cluster and writes ../week.md: every line of output in it is what psql and vigil
# answered.
#   docs/week/run.sh [SEED]     needs the program (VIGIL=path, else .build/release or .build/debug) and the right to
#                               install the extension's files into the server's share folder
set -euo pipefail
week=$(cd "$(dirname "$0")" && pwd)
seed=${1:-101}
. "$week/../../scripts/played-session.sh"
start_session vigil-week
say <<'MD'
# A week in the life of a model

Written by [week/run.sh](week/run.sh), which plays it on a private PostgreSQL: every answer below is a real one. Run it
again with `docs/week/run.sh`, with another seed as its argument. The world is made by `vigil generate`; what is planted
in it is known to the analyst of this page alone, in a table that Vigil never reads.
MD
"$vigil" generate "$cluster/world" --entities 10000 --seed "$seed" --as-of "$(date -u +%Y-%m-%dT%H:00:00Z)" >/dev/null 2>&1
psql -d postgres -c 'CREATE DATABASE desk'
psql -d desk -c 'CREATE EXTENSION vigil'
"$vigil" import "$cluster/world" --dsn "host=$PGHOST dbname=desk" >/dev/null 2>&1
zcat "$cluster/world/truth.csv.gz" >"$cluster/truth.csv"
psql -d desk <<SQL
CREATE SCHEMA analyst;
CREATE TABLE analyst.truth (subject text, id bigint, "case" text, role text, type text, other_types text, kind text,
    strength double precision, description text);
\copy analyst.truth FROM '$cluster/truth.csv' (FORMAT csv, HEADER)
CREATE VIEW analyst.list AS
SELECT scored.subject, scored.id, scored.score, coalesce(truth.role = 'subject', false) AS is_planted
FROM (SELECT 'entity' AS subject, entity_id AS id, anomaly_score AS score FROM vigil.entity_scores
    UNION ALL SELECT 'relationship', relationship_id, anomaly_score FROM vigil.relationship_scores) AS scored
LEFT JOIN (SELECT subject, id, min(role) AS role FROM analyst.truth GROUP BY subject, id) AS truth
    ON truth.subject = scored.subject AND truth.id = scored.id
-- Parts of a case are neither found nor false.
WHERE truth.role IS DISTINCT FROM 'part';
SQL
say <<'MD'

## Monday: train, detect
MD
shell <<'SH'
vigil train --dsn "host=$PGHOST dbname=desk"
SH
say <<'MD'

```
$ vigil run --dsn 'host=/run/postgresql dbname=desk' &
```
MD
follow desk
play desk <<'SQL'
SELECT * FROM vigil.anomaly_summary;
SELECT * FROM vigil.list_anomalies(page_size => 5);
SQL
say <<'MD'

## Tuesday: review 50

The analyst works through the top of the list and answers as things are. What is learnt is used on all that nobody has
looked at; so that is where precision is measured: the first 20 of those that are not reviewed.
MD
play desk <<'SQL'
CREATE TABLE analyst.top AS
SELECT a.id, l.is_planted, l.subject, l.score FROM analyst.list AS l
JOIN vigil.anomalies AS a ON a.subject_kind = l.subject AND a.subject_id = l.id AND a.is_active
ORDER BY l.score DESC, l.subject, l.id LIMIT 50;
SELECT subject, count(*), count(*) FILTER (WHERE is_planted) AS planted FROM analyst.top GROUP BY subject;
CREATE VIEW analyst.next AS
SELECT round(count(*) FILTER (WHERE is_planted) / 20.0, 2) AS precision_at_20 FROM (
    SELECT l.* FROM analyst.list AS l WHERE NOT EXISTS (SELECT FROM analyst.top JOIN vigil.anomalies AS a USING (id)
        WHERE a.subject_kind = l.subject AND a.subject_id = l.id)
    ORDER BY l.score DESC, l.subject, l.id LIMIT 20) AS next;
SELECT * FROM analyst.next;
SELECT vigil.review_anomalies(array_agg(id), 'true_positive') FROM analyst.top WHERE is_planted;
SELECT vigil.review_anomalies(array_agg(id), 'false_positive') FROM analyst.top WHERE NOT is_planted;
SQL
await desk "SELECT bool_and(state <> 'no reviews yet' AND confirmed + rejected > 0) AND sum(confirmed + rejected) = 50 FROM vigil.review_learning"
# What the reviews move is judged again while the feed is idle.
await desk "SELECT NOT EXISTS (SELECT FROM vigil.review_learning WHERE state = 'heard') OR (SELECT count(*) FROM (
    SELECT scored_at, anomaly_score FROM vigil.entity_scores UNION ALL SELECT scored_at, anomaly_score FROM vigil.relationship_scores) AS s,
    vigil.models AS m WHERE m.kind = 'reviews' AND m.state = 'active' AND s.anomaly_score >= 0.3 AND s.scored_at < m.created_at) = 0"
say <<'MD'

## Wednesday: the list is better
MD
play desk <<'SQL'
\x on
SELECT * FROM vigil.review_learning;
\x off
SELECT * FROM analyst.next;
SELECT explanation ->> 'summary' AS summary FROM vigil.anomalies
WHERE is_active AND NOT reviewed AND explanation ? 'reviews' ORDER BY anomaly_score DESC, id LIMIT 1
\g (format=unaligned tuples_only=on)
SELECT jsonb_pretty(explanation #> '{reviews}') AS reviews FROM vigil.anomalies
WHERE is_active AND NOT reviewed AND explanation ? 'reviews' ORDER BY anomaly_score DESC, id LIMIT 1
\g (format=unaligned tuples_only=on)
SQL
say <<'MD'

## Thursday: the world moves

Half of the entities lose half of their confidence, and six hundred cameras appear.
MD
play desk <<'SQL'
UPDATE vigil.entities SET confidence = confidence / 2 WHERE id % 2 = 0;
INSERT INTO vigil.entities (type, name, confidence, first_seen)
SELECT 'device', 'camera-' || n, 0.9, now() - n * interval '1 minute' FROM generate_series(1, 600) AS n;
SELECT vigil.check_drift() AS task \gset
CALL vigil.wait_for_task(:task, '10 minutes');
SELECT scope, compared, measure, verdict, reference, value, psi, ks, p FROM vigil.drift_report WHERE verdict = 'drift';
SQL
shell <<'SH'
vigil drift --fail --dsn "host=$PGHOST dbname=desk" || echo "exit code $?"
SH
say <<'MD'

## Friday: retrain, compare, promote
MD
play desk <<'SQL'
SELECT vigil.retrain(challenge => true) AS task \gset
CALL vigil.wait_for_task(:task, '10 minutes');
SELECT promoted, unnest(reasons) AS reasons FROM vigil.promote_model();
SELECT vigil.request_scan() AS task \gset
CALL vigil.wait_for_task(:task, '10 minutes');
SELECT measure, champion, champion_interval, challenger, challenger_interval, subjects FROM vigil.model_compare;
SELECT promoted, unnest(reasons) AS reasons FROM vigil.promote_model();
SELECT count(*) = 1 AS refused FROM vigil.models WHERE state = 'challenger' \gset
\if :refused
-- The world has changed, and the old model with it: the administrator decides, and the audit log says so.
SELECT promoted, version, retired FROM vigil.promote_model(force => true);
\endif
SQL
say <<'MD'

## Saturday: roll back, and forward again
MD
play desk <<'SQL'
SELECT * FROM vigil.rollback_model();
SELECT version, kind, state, size, activated FROM vigil.model_status;
SELECT age, actor, action, object FROM vigil.decisions_recent WHERE action <> 'review' LIMIT 6;
SQL
stop_sidecar
finish_session "$week/../week.md"
