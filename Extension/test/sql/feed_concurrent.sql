-- Transactions that are open at the same time, through a prepared one: it stays in progress while others commit.
SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'first'), ('domain', 'second');
BEGIN;
UPDATE vigil.entities SET confidence = 0.25 WHERE name = 'first';
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'held back');
SELECT pg_current_xact_id() AS held \gset
PREPARE TRANSACTION 'vigil_held';
INSERT INTO vigil.entities (type, name) VALUES ('domain', 'overtakes');

-- The reader takes what it sees; what is in progress stands in its snapshot.
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot(), last_batch_at = clock_timestamp();
SELECT :'held'::xid8 = ANY (ARRAY(SELECT pg_snapshot_xip(snapshot))) AS waits_for_it FROM vigil.feed_state;
SELECT lag_rows, lag_milliseconds, oldest_open_transaction = :'held'::xid8 AS waits_for_it FROM vigil.feed_health;
SELECT vigil.find_unread_change(1) AS first, vigil.find_unread_change(2) AS second;

-- Once it commits, its rows are unread, although their ids are older than the snapshot.
COMMIT PREPARED 'vigil_held';
SELECT lag_rows, lag_milliseconds >= 0 AS has_lag, oldest_open_transaction FROM vigil.feed_health;
SELECT vigil.find_unread_change(1) AS first, vigil.find_unread_change(2) AS second;
WITH previous AS (SELECT snapshot FROM vigil.feed_state)
SELECT name FROM vigil.entities, previous
WHERE inserted_xid = ANY (ARRAY(SELECT pg_snapshot_xip(snapshot))) OR inserted_xid >= pg_snapshot_xmax(snapshot)
ORDER BY name;
UPDATE vigil.feed_state SET snapshot = pg_current_snapshot();
SELECT lag_rows, lag_milliseconds FROM vigil.feed_health;
UPDATE vigil.feed_state SET snapshot = NULL, last_batch_at = NULL;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
