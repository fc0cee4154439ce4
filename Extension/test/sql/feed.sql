-- Which changes the feed finds: new rows by their transaction id, updates and deletes in the history.
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE VIEW pg_temp.history AS
SELECT kind, operation, subject_id, confidence, risk_score AS risk, weight, confidence_before AS conf_b, risk_before AS risk_b,
    weight_before AS weight_b, recorded_xid = pg_current_xact_id_if_assigned() AS own, observed_at = now() AS is_now
FROM vigil.observation_history ORDER BY recorded_xid, kind, subject_id;

-- INSERT, COPY and ON CONFLICT: the row tells, and nothing is logged.
BEGIN;
INSERT INTO vigil.entities (type, name, value, confidence, risk_score) VALUES ('domain', 'a', 'a', 0.5, 0.25);
COPY vigil.entities (type, name, value) FROM STDIN;
domain	b	b
domain	c	c
domain	d	d
\.
INSERT INTO vigil.entities (type, value) VALUES ('domain', 'a'), ('domain', 'e') ON CONFLICT DO NOTHING;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, confidence, weight)
SELECT 1, id, 'owns', 0.5, 10 FROM vigil.entities WHERE id > 1;
SELECT id, value, inserted_xid = pg_current_xact_id() AS own FROM vigil.entities ORDER BY value;
SELECT count(*), bool_and(inserted_xid = pg_current_xact_id()) AS own FROM vigil.relationships;
TABLE pg_temp.history;
COMMIT;

-- No writer can give another transaction id: not on insert, not by COPY, not by an update.
BEGIN;
INSERT INTO vigil.entities (type, name, inserted_xid) VALUES ('domain', 'f', '3'), ('domain', 'g', '999999999999'), ('domain', 'h', NULL)
RETURNING name, inserted_xid = pg_current_xact_id() AS own;
COPY vigil.relationships (source_entity_id, target_entity_id, type, inserted_xid) FROM STDIN;
1	1	same_as	3
\.
SELECT inserted_xid = pg_current_xact_id() AS own FROM vigil.relationships WHERE type = 'same_as';
INSERT INTO vigil.observation_history (recorded_xid, kind, operation, subject_id) VALUES ('3', 'e', 'H', 1)
RETURNING recorded_xid = pg_current_xact_id() AS own;
ROLLBACK;
BEGIN;
UPDATE vigil.entities SET inserted_xid = '3' WHERE id = 1 RETURNING inserted_xid < pg_current_xact_id() AND inserted_xid <> '3' AS kept;
ROLLBACK;

-- UPDATE: old and new values; the same values are an observation too; no row, no observation.
BEGIN;
UPDATE vigil.entities SET confidence = 0.75, risk_score = 0.5 WHERE id = 1 RETURNING updated_at = now() AS touched, inserted_xid < pg_current_xact_id() AS kept;
UPDATE vigil.entities SET name = name WHERE id = 2;
UPDATE vigil.entities SET name = name WHERE false;
UPDATE vigil.relationships SET weight = 20 WHERE target_entity_id = 2;
TABLE pg_temp.history;
COMMIT;
-- An update that says when it was observed; never later than now.
BEGIN;
TRUNCATE vigil.observation_history;
UPDATE vigil.entities SET last_seen = '2020-02-02 02:02Z' WHERE id = 3;
UPDATE vigil.entities SET last_seen = now() + interval '1 year' WHERE id = 2;
SELECT subject_id, observed_at AT TIME ZONE 'UTC' = '2020-02-02 02:02' AS given, observed_at = now() AS is_now
FROM vigil.observation_history ORDER BY subject_id;
UPDATE vigil.entities SET updated_at = '2021-01-01Z' WHERE id = 3 RETURNING updated_at = '2021-01-01Z' AS given;
ROLLBACK;

-- ON CONFLICT DO UPDATE and MERGE: the inserted row tells, the updated one is logged.
BEGIN;
TRUNCATE vigil.observation_history;
INSERT INTO vigil.entities (type, value, confidence) VALUES ('domain', 'a', 0.875), ('domain', 'new', 0.5)
ON CONFLICT (type, value) WHERE value IS NOT NULL DO UPDATE SET confidence = excluded.confidence;
TABLE pg_temp.history;
MERGE INTO vigil.entities AS entity
USING (VALUES ('b', 0.125), ('c', NULL), ('newer', 0.25)) AS given (value, confidence)
ON entity.type = 'domain' AND entity.value = given.value
WHEN MATCHED AND given.confidence IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET confidence = given.confidence
WHEN NOT MATCHED THEN INSERT (type, value, confidence) VALUES ('domain', given.value, given.confidence);
SELECT kind, operation, count(*) FROM pg_temp.history GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;

-- Several modifications in one statement.
BEGIN;
TRUNCATE vigil.observation_history;
WITH risen AS (UPDATE vigil.entities SET confidence = 1 WHERE id = 1 RETURNING id),
    fallen AS (UPDATE vigil.entities SET confidence = 0 WHERE id = 2 RETURNING id),
    gone AS (DELETE FROM vigil.relationships WHERE target_entity_id = 3 RETURNING id)
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'from ' || count(*) FROM gone;
SELECT kind, operation, subject_id, confidence FROM pg_temp.history;
SELECT source_entity_id, target_entity_id FROM vigil.observation_history WHERE operation = 'D';
ROLLBACK;

-- A rollback to a savepoint takes its observations along; a released one keeps the outer transaction's id.
BEGIN;
TRUNCATE vigil.observation_history;
SAVEPOINT one;
UPDATE vigil.entities SET confidence = 0.5 WHERE id = 1;
ROLLBACK TO one;
SAVEPOINT two;
UPDATE vigil.entities SET confidence = 0.625 WHERE id = 1;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'in a savepoint') RETURNING inserted_xid = pg_current_xact_id() AS own;
RELEASE two;
SELECT operation, subject_id, confidence, own FROM pg_temp.history;
ROLLBACK;

-- DELETE, and what it takes along: each deleted row is logged once.
BEGIN;
TRUNCATE vigil.observation_history;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (2, 2, 'same_as'), (3, 2, 'owns');
DELETE FROM vigil.entities WHERE id = 2;
SELECT kind, operation, count(*), count(DISTINCT subject_id) AS subjects FROM pg_temp.history GROUP BY 1, 2 ORDER BY 1, 2;
DELETE FROM vigil.entities;
SELECT kind, operation, count(*), count(DISTINCT subject_id) AS subjects FROM pg_temp.history GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM vigil.relationships;
ROLLBACK;

-- TRUNCATE starts a new epoch.
SELECT vigil.current_epoch() AS before \gset
BEGIN;
TRUNCATE vigil.relationships CASCADE;
SELECT count(*) AS epochs FROM vigil.feed_epochs WHERE epoch > :before;
ROLLBACK;
BEGIN;
TRUNCATE vigil.entities CASCADE;
SELECT DISTINCT reason FROM vigil.feed_epochs WHERE epoch > :before ORDER BY reason;
ROLLBACK;
SELECT vigil.current_epoch() = :before AS unchanged;

-- The doorbell rings only while it is armed, whatever the search_path is.
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -At -c 'LISTEN vigil_feed' -c "INSERT INTO vigil.entities (type, name) VALUES ('domain', 'bell')" -c 'SELECT vigil.arm_feed(true)' -c "SET search_path = ''" -c "INSERT INTO vigil.entities (type, name) VALUES ('domain', 'bell')" -c "UPDATE vigil.entities SET confidence = 0.5 WHERE name = 'bell'" -c "DELETE FROM vigil.entities WHERE name = 'bell'" -c "SELECT vigil.reset_feed('test') > 0" -c 'SELECT vigil.arm_feed(false)' -c "DELETE FROM vigil.entities WHERE name = 'bell'" | sed 's/ received from.*//'
-- The column of feed_state does the same.
UPDATE vigil.feed_state SET armed = true;
SELECT armed FROM vigil.feed_health;
UPDATE vigil.feed_state SET armed = false;
SELECT armed FROM vigil.feed_health;
-- Where the setting forbids it, nothing arms; so transactions can be prepared.
SELECT vigil.arm_feed(true);
UPDATE vigil.settings SET value = 'false' WHERE name = 'feed_arm';
SELECT armed FROM vigil.feed_health;
SELECT vigil.arm_feed(true);
SELECT armed FROM vigil.feed_health;
BEGIN;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'prepared');
PREPARE TRANSACTION 'vigil_prepared';
ROLLBACK PREPARED 'vigil_prepared';
UPDATE vigil.settings SET value = 'true' WHERE name = 'feed_arm';

-- Writers need no rights but on the table that they write.
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_vigil_writer;
GRANT USAGE ON SCHEMA vigil TO regress_vigil_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON vigil.entities, vigil.relationships TO regress_vigil_writer;
BEGIN;
TRUNCATE vigil.observation_history;
SET LOCAL ROLE regress_vigil_writer;
-- Traps for functions that would look into the writer's schemas.
CREATE TEMPORARY TABLE observation_history (trap integer);
CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '-infinity'::timestamptz $$;
SET LOCAL search_path = pg_temp, pg_catalog;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'by a writer');
UPDATE vigil.entities SET confidence = 0.5 WHERE name = 'by a writer';
DELETE FROM vigil.entities WHERE name = 'by a writer';
SELECT * FROM vigil.observation_history;
ROLLBACK;
BEGIN;
TRUNCATE vigil.observation_history;
SET LOCAL ROLE regress_vigil_writer;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'by a writer');
UPDATE vigil.entities SET confidence = 0.5 WHERE name = 'by a writer';
DELETE FROM vigil.entities WHERE name = 'by a writer';
RESET ROLE;
SELECT kind, operation, confidence FROM pg_temp.history;
ROLLBACK;
DROP OWNED BY regress_vigil_writer;
DROP ROLE regress_vigil_writer;

-- A large update after a small one in the same session takes no nested loop over all pairs.
SET SESSION AUTHORIZATION regress_vigil_owner;
BEGIN;
TRUNCATE vigil.observation_history;
INSERT INTO vigil.entities (type, name) SELECT 'device', 'bulk' FROM generate_series(1, 20000);
UPDATE vigil.entities SET confidence = 0.5 WHERE id = 1;
SET LOCAL statement_timeout = '20s';
UPDATE vigil.entities SET confidence = 0.5 WHERE type = 'device';
SELECT count(*) FROM vigil.observation_history;
ROLLBACK;

-- Retention: whole partitions are truncated, the rest is deleted, and neither starts an epoch.
SELECT vigil.current_epoch() AS before \gset
INSERT INTO vigil.observation_history (kind, operation, subject_id, recorded_at)
SELECT 'e', 'H', months, now() - months * interval '1 month' FROM unnest(ARRAY[0, 12, 14, 19]) AS months;
SELECT vigil.drop_old_history() AS removed;
SELECT subject_id FROM vigil.observation_history WHERE operation = 'H' ORDER BY subject_id;
SELECT vigil.drop_old_history() AS removed;
SELECT vigil.current_epoch() = :before AS unchanged;
SELECT vigil.history_slot('2026-06-30 23:59:59Z') AS before, vigil.history_slot('2026-07-01 00:00:00Z') AS after,
    vigil.history_slot('2028-07-01 00:00:00Z') AS two_years_later;

-- A reset starts an epoch; ids that this cluster has not given out yet are put right, without observations.
ALTER TABLE vigil.entities DISABLE TRIGGER entities_set_inserted_xid;
INSERT INTO vigil.entities (type, name, inserted_xid) VALUES ('domain', 'of another cluster', '18446744073709551000');
ALTER TABLE vigil.entities ENABLE TRIGGER entities_set_inserted_xid;
SELECT count(*) AS observations FROM vigil.observation_history \gset
BEGIN;
SELECT vigil.reset_feed('restored') > :before AS later;
SELECT inserted_xid = pg_current_xact_id() AS repaired FROM vigil.entities WHERE name = 'of another cluster';
COMMIT;
SELECT count(*) = :observations AS unchanged FROM vigil.observation_history;
SELECT reason FROM vigil.feed_epochs ORDER BY epoch DESC LIMIT 1;
SELECT vigil.reset_feed('');
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
