#!/bin/bash
# Plays the tour on a private cluster and writes ../tour.md: every line of output in it is what psql and vigil answered.
#   docs/tour/run.sh            needs the program (VIGIL=path, else .build/release or .build/debug) and the right to
#                               install the extension's files into the server's share folder
set -euo pipefail
tour=$(cd "$(dirname "$0")" && pwd)
. "$tour/../../scripts/played-session.sh"
start_session vigil-tour
psql -d postgres -c 'CREATE DATABASE company' -c 'CREATE DATABASE branch'
psql -d company -f "$tour/world.sql" -o /dev/null

say <<'MD'
# A tour: from tables of your own to a drop without a trace

Written by [tour/run.sh](tour/run.sh), which plays it on a private PostgreSQL: every answer below is a real one. Run it
again with `docs/tour/run.sh`.

The database `company` has an inventory of machines with the flows between them, and accounts with their transfers
([tour/world.sql](tour/world.sql)). Nobody thought of Vigil when these tables were made.
MD
play company <<'SQL'
\dt cmdb.*
\dt bank.*
SELECT * FROM cmdb.machines LIMIT 2;
SELECT debtor, creditor, amount, booked::date, purpose FROM bank.transfers LIMIT 2;
SQL
say <<'MD'

## Attach

Four statements say what is an entity and what a relationship; the fifth takes up the rows that are there. From now on
Vigil follows each COMMIT.
MD
play company <<'SQL'
CREATE EXTENSION vigil;
SELECT vigil.attach_entities('cmdb.machines', type => 'device', name => 'fqdn', risk_score => 'criticality',
    first_seen => 'commissioned', metadata => 'jsonb_build_object(''os'', os, ''environment'', environment)');
SELECT vigil.attach_relationships('cmdb.flows', type => 'communicates_with', source => 'client_no',
    target => 'server_no', weight => 'bytes_per_day', first_observed => 'first_seen');
SELECT vigil.attach_entities('bank.accounts', type => 'person', name => 'holder', value => 'iban',
    confidence => 'kyc_score', first_seen => 'opened');
SELECT vigil.attach_relationships('bank.transfers', type => 'communicates_with', source => 'debtor',
    target => 'creditor', weight => 'amount', first_observed => 'booked', description => 'purpose');
CALL vigil.backfill();
SELECT attached, mirrored_as, state, filled_rows, parked, rejected FROM vigil.attached_tables;
SQL
say <<'MD'

## Watch

A model of what is normal here, and the sidecar.
MD
shell <<'SH'
vigil train --dsn "host=$PGHOST dbname=company"
SH
say <<'MD'

```
$ vigil run --dsn 'host=/run/postgresql dbname=company' &
```
MD
follow company
say <<'MD'

Then somebody's machine begins to look around, and money goes where it never went:
MD
play company <<'SQL'
INSERT INTO cmdb.flows (client_no, server_no, port, first_seen, bytes_per_day)
SELECT 299, n, 22, now(), 10 FROM generate_series(1, 180) AS n;
INSERT INTO bank.transfers (debtor, creditor, amount, booked, purpose)
SELECT 'DE' || to_char(n * 3, 'FM00000000'), 'DE00000397', 990, now(), 'gift card' FROM generate_series(1, 90) AS n;
SQL
await company "SELECT count(*) >= 2 FROM vigil.anomalies_open WHERE subject LIKE '%desk-299%' OR subject LIKE '%' || (SELECT holder FROM bank.accounts WHERE iban = 'DE00000397')"
play company <<'SQL'
SELECT lag_rows, lag_milliseconds, sidecar_alive, batches, changes FROM vigil.feed_health;
SQL
say <<'MD'

## List and explain
MD
play company <<'SQL'
SELECT * FROM vigil.list_anomalies(severity => 'high, critical', page_size => 8);
SELECT id FROM vigil.list_anomalies(entity_id => 299) LIMIT 1 \gset
SELECT vigil.explain_anomaly(:'id') \g (format=unaligned tuples_only=on)
\x on
SELECT severity, anomaly_score, subject_name, indicators, recommendations[1] FROM vigil.anomaly(:'id');
\x off
SELECT left(vigil.anomaly_dot(:'id', 1), 480) || '...' AS picture \g (format=unaligned tuples_only=on)
SQL
say <<'MD'

`vigil export ID -o anomaly.svg` draws it, and so does `dot -Tsvg`. By day:
MD
play company <<'SQL'
SELECT * FROM vigil.anomaly_stats(3);
SQL
say <<'MD'

## Review and suppress

Every decision is recorded, in a log whose rows hang together by their hashes.
MD
play company <<'SQL'
SELECT id FROM vigil.list_anomalies(entity_id => 299) LIMIT 1 \gset
SELECT vigil.assign_anomaly(:'id', 'ann');
SELECT vigil.review_anomaly(:'id', 'true_positive', 'A scanner ran on it. Reinstalled.');
SELECT vigil.suppress_anomalies('our own load tests', name_pattern => 'build-%',
    expires_at => now() + interval '7 days');
SELECT seq, actor, action, object, change FROM vigil.decisions_recent LIMIT 3;
SELECT * FROM vigil.verify_audit();
SELECT * FROM vigil.incidents_open LIMIT 3;
SQL
say <<'MD'

## Report

A schedule makes one each morning, and keeps it as text, as a web page and as data. An analyst need not wait for it:
what is filed here, the sidecar carries out at once.
MD
play company <<'SQL'
SELECT name, kind, cron, time_zone, enabled, next FROM vigil.schedule_status;
SELECT vigil.request_report() AS task \gset
CALL vigil.wait_for_task(:task, '1 minute');
SELECT vigil.report() \g (format=unaligned tuples_only=on)
SQL
say <<'MD'

## Dump and restore

The sidecar keeps nothing that the database does not have. A dump carries what was found and decided, the models and the
attachments, and leaves behind how far the feed was read: after the restore the sidecar loads everything by itself.
MD
stop_sidecar
psql -d postgres -c 'CREATE DATABASE restored'
shell <<'SH'
pg_dump -Fc company -f company.dump
pg_restore -d restored company.dump
SH
follow restored
play restored <<'SQL'
SELECT state, count(*) FROM vigil.list_anomalies(state => 'all', page_size => 1000) GROUP BY state ORDER BY state;
SELECT reviewed_by, verdict, review_notes FROM vigil.anomalies WHERE reviewed;
SELECT * FROM vigil.verify_audit();
SELECT attached, state FROM vigil.attached_tables;
SELECT state FROM vigil.sidecar_status;
SQL
stop_sidecar
say <<'MD'

## Upgrade

A branch office still has the version before. Its rows, grants and attached tables stay; what the new version has, and
nothing else, is there afterwards.
MD
psql -d branch -c 'CREATE TABLE sites (id bigint PRIMARY KEY, name text)'
play branch <<'SQL'
CREATE EXTENSION vigil VERSION '0.1.0';
SELECT vigil.attach_entities('sites', type => 'location', name => 'name');
INSERT INTO sites VALUES (1, 'Hamburg');
ALTER EXTENSION vigil UPDATE;
INSERT INTO sites VALUES (2, 'Bremen');
SELECT vigil.version(), (SELECT string_agg(name, ', ' ORDER BY id) FROM vigil.entities) AS mirrored;
SQL
say <<'MD'

Where Vigil was installed without the extension machinery, `vigil upgrade --dsn ...` does the same.

## Drop

Tables, rows and triggers of the company are as they were before.
MD
play company <<'SQL'
SELECT count(*) AS triggers FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^(cmdb|bank)';
DROP EXTENSION vigil;
DROP SCHEMA vigil;
SELECT count(*) AS triggers FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^(cmdb|bank)';
SELECT (SELECT count(*) FROM cmdb.machines) AS machines, (SELECT count(*) FROM cmdb.flows) AS flows,
    (SELECT count(*) FROM bank.accounts) AS accounts, (SELECT count(*) FROM bank.transfers) AS transfers;
SQL
finish_session "$tour/../tour.md"
