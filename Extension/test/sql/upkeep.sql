-- What has outlived its setting is removed in small steps; a year of activity does not bloat. Time is an argument.
SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA regress_year;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history, vigil.anomalies, vigil.entity_scores, vigil.entity_metrics, vigil.incidents, vigil.suppressions RESTART IDENTITY CASCADE;
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
TRUNCATE vigil.audit_log, vigil.audit_head;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
-- Defaults, and who may call it.
SELECT name, value, unit FROM vigil.settings WHERE name ~ '_retention_|_kept' ORDER BY name;
SELECT vigil.run_upkeep(0);
SELECT vigil.run_upkeep(NULL);
DO $$ BEGIN WHILE vigil.run_upkeep() LOOP END LOOP; END $$;
SELECT count(*) AS tasks, bool_and(round_ended_at = now() OR round_ended_at > now() - interval '1 hour') AS ended, sum(removed) AS removed FROM vigil.upkeep;
SELECT vigil.run_upkeep() AS again_today;

UPDATE vigil.settings SET value = '3' WHERE name = 'history_retention_months';
UPDATE vigil.settings SET value = '60' WHERE name = 'anomaly_retention_days';
UPDATE vigil.settings SET value = '60' WHERE name = 'audit_retention_days';
UPDATE vigil.settings SET value = '3' WHERE name = 'retired_models_kept';
DELETE FROM vigil.upkeep;
INSERT INTO vigil.upkeep (task) VALUES ('history'), ('scores'), ('metrics'), ('anomalies'), ('incidents'), ('suppressions'), ('audit'), ('models'), ('epochs');
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
TRUNCATE vigil.audit_log, vigil.audit_head;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
-- A decision as it was recorded on a day of that year.
CREATE PROCEDURE regress_year.decide(day timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    head vigil.audit_head;
BEGIN
    head.seq := vigil.lock_audit();
    SELECT hash INTO head.hash FROM vigil.audit_head;
    INSERT INTO vigil.audit_log SELECT head.seq + 1, day, 'ann', 'ann', 'review', 'anomaly', 'x', NULL, '{"verdict": "benign"}', head.hash,
        vigil.hash_decision(head.hash, head.seq + 1, day, 'ann', 'ann', 'review', 'anomaly', 'x', NULL, '{"verdict": "benign"}');
    UPDATE vigil.audit_head SET (seq, hash) = (SELECT seq, hash FROM vigil.audit_log ORDER BY seq DESC LIMIT 1);
END $$;
-- A day: 500 observations, 100 entities that come, are scored and go the day after, 30 anomalies that close within two
-- weeks, some of them reviewed, an incident for each ten, 10 decisions, 2 suppressions, a model each week; then, every third day, the upkeep.
CREATE PROCEDURE regress_year.live(day timestamptz, seed integer) LANGUAGE plpgsql AS $$
DECLARE
    steps integer := 0;
BEGIN
    INSERT INTO vigil.observation_history (kind, operation, subject_id, recorded_at, observed_at)
    SELECT 'e', 'U', n * 7919 % 500, day + n * interval '160 seconds', day FROM generate_series(1, 500) AS n;
    DELETE FROM vigil.entities;
    INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 100) AS n;
    INSERT INTO vigil.entity_scores (entity_id, anomaly_score, confidence, severity, detection_method) SELECT id, 0.1, 0.5, 'low', 'rules' FROM vigil.entities;
    INSERT INTO vigil.entity_metrics (entity_id, degree) SELECT id, 1 FROM vigil.entities;
    INSERT INTO vigil.incidents (opened_at) SELECT day FROM generate_series(1, 3);
    INSERT INTO vigil.anomalies (subject_kind, subject_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method, incident_id,
        first_detected, last_detected, is_active, resolved_at, reviewed, verdict, reviewed_by, reviewed_at)
    SELECT 'entity', seed * 100 + n, 'behavioral', 0.7, 0.7, 0.5, 'high', 'rules', (SELECT max(id) FROM vigil.incidents) - n % 3,
        day, day, false, day + (n + seed) % 14 * interval '1 day', n % 3 = 0, CASE WHEN n % 3 = 0 THEN 'benign' END, CASE WHEN n % 3 = 0 THEN 'ann' END, CASE WHEN n % 3 = 0 THEN day END
    FROM generate_series(1, 30) AS n;
    INSERT INTO vigil.reviews (anomaly_id, verdict, reviewed_by, reviewed_at) SELECT id, 'benign', 'ann', day FROM vigil.anomalies WHERE reviewed AND first_detected = day;
    FOR n IN 1..10 LOOP
        CALL regress_year.decide(day + n * interval '1 hour');
    END LOOP;
    -- As in a restore: what is stored is no decision of today.
    SET LOCAL row_security = off;
    INSERT INTO vigil.suppressions (indicator, reason, created_by, created_at, expires_at) SELECT 'unusual_degree', 'noise', 'ann', day, day + interval '30 days' FROM generate_series(1, 2);
    IF seed % 7 = 0 THEN
        INSERT INTO vigil.models (version, state, archive, created_at) VALUES ('week ' || seed, 'retired', decode(repeat('ab', 5000), 'hex'), day);
    END IF;
    SET LOCAL row_security = on;
    -- Of this very day, and not of that year.
    DELETE FROM vigil.observation_history WHERE recorded_at > '2023-01-01';
    WHILE seed % 3 = 0 AND vigil.upkeep_batch(day + interval '23 hours', 2000) LOOP
        steps := steps + 1;
        IF steps > 1000 THEN
            RAISE EXCEPTION 'the upkeep does not come to an end';
        END IF;
    END LOOP;
END $$;
\set ECHO none
-- VACUUM at the end of each month stands for autovacuum.
CREATE TABLE regress_year.sizes (month integer, relation text, row_count bigint, bytes bigint);
CREATE PROCEDURE regress_year.measure(month integer) LANGUAGE plpgsql AS $$
DECLARE
    relation record;
    row_count bigint;
BEGIN
    FOR relation IN SELECT oid, relname FROM pg_class WHERE relnamespace = 'vigil'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('SELECT count(*) FROM vigil.%I', relation.relname) INTO row_count;
        INSERT INTO regress_year.sizes VALUES (month, relation.relname, row_count, pg_total_relation_size(relation.oid));
    END LOOP;
END $$;
SELECT format('DO $do$ BEGIN FOR day IN %s..%s LOOP CALL regress_year.live(timestamptz ''2021-01-01'' + day * interval ''1 day'', day); END LOOP; END $do$', month * 30, month * 30 + 29),
    'VACUUM ANALYZE vigil.observation_history, vigil.anomalies, vigil.anomaly_counts, vigil.reviews, vigil.entity_scores, vigil.entity_metrics, vigil.entities, vigil.incidents, vigil.suppressions, vigil.audit_log, vigil.audit_head, vigil.upkeep, vigil.models',
    format('CALL regress_year.measure(%s)', month)
FROM generate_series(0, 12) AS month \gexec
\set ECHO all
-- Of the last four months, beyond every horizon, nothing has more rows or more bytes than in the four before.
SELECT relation, (max(row_count) FILTER (WHERE month >= 9)) AS now, max(row_count) FILTER (WHERE month BETWEEN 5 AND 8) AS before
FROM regress_year.sizes WHERE relation NOT LIKE 'observation_history%' AND relation <> 'audit_segments'
GROUP BY relation
HAVING max(row_count) FILTER (WHERE month >= 9) > 1.1 * max(row_count) FILTER (WHERE month BETWEEN 5 AND 8) + 10
    OR max(bytes) FILTER (WHERE month >= 9) > 1.3 * max(bytes) FILTER (WHERE month BETWEEN 5 AND 8) + 65536;
SELECT relation, row_count FROM regress_year.sizes WHERE month = 12 AND row_count > 0
    AND relation IN ('anomalies', 'reviews', 'incidents', 'suppressions', 'entity_scores', 'entity_metrics', 'entities', 'models', 'audit_log', 'audit_segments') ORDER BY relation;
-- Observations: three months and no more; partitions of half-years that are over are empty.
SELECT count(*) AS observations, min(recorded_at)::date AS oldest, max(recorded_at)::date AS newest FROM vigil.observation_history;
SELECT max(rows) AS most_at_a_time FROM (SELECT sum(row_count) AS rows FROM regress_year.sizes WHERE relation LIKE 'observation_history\__' AND month > 4 GROUP BY month) AS of_month;
SELECT right(relation, 1) AS partition, row_count FROM regress_year.sizes WHERE month = 12 AND relation LIKE 'observation_history\__' ORDER BY 1;
-- The chain of decisions is whole, from the first segment to the last row.
SELECT * FROM vigil.verify_audit();
SELECT id, first_seq, last_seq, first_at::date FROM vigil.audit_segments ORDER BY id LIMIT 3;
SELECT vigil.audit_anchor() AS anchor \gset
SELECT finding FROM vigil.verify_audit(:'anchor');
SELECT last_seq || ':' || encode(last_hash, 'hex') AS anchor FROM vigil.audit_segments WHERE id = 2 \gset
SELECT finding FROM vigil.verify_audit(:'anchor');
SELECT (last_seq - 1) || ':' || encode(last_hash, 'hex') AS anchor FROM vigil.audit_segments WHERE id = 2 \gset
SELECT finding, seq FROM vigil.verify_audit(:'anchor');
-- Nobody touches them by mistake; what is altered on purpose shows.
UPDATE vigil.audit_segments SET last_hash = '\x00';
DELETE FROM vigil.audit_segments;
DELETE FROM vigil.audit_log;
DELETE FROM vigil.audit_log WHERE seq = (SELECT max(seq) FROM vigil.audit_log);
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
ALTER TABLE vigil.audit_segments DISABLE TRIGGER USER;
BEGIN;
UPDATE vigil.audit_segments SET last_at = last_at - interval '1 day' WHERE id = 3;
SELECT finding, seq, detail FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
DELETE FROM vigil.audit_segments WHERE id = 2;
SELECT finding, detail FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
DELETE FROM vigil.audit_segments WHERE id = (SELECT max(id) FROM vigil.audit_segments);
SELECT finding, left(regexp_replace(detail, '[0-9]+', 'N', 'g'), 60) AS detail FROM vigil.verify_audit();
ROLLBACK;
-- An owner who removes rows and makes a segment for them leaves out the seal that would have been recorded.
BEGIN;
WITH gone AS (DELETE FROM vigil.audit_log WHERE seq < (SELECT min(seq) + 5 FROM vigil.audit_log) RETURNING *), last AS (SELECT * FROM vigil.audit_segments ORDER BY id DESC LIMIT 1),
    made AS (SELECT last.id + 1 AS id, min(gone.seq) AS first_seq, max(gone.seq) AS last_seq, min(gone.at) AS first_at, max(gone.at) AS last_at, last.last_hash AS previous_hash,
        (array_agg(gone.hash ORDER BY gone.seq DESC))[1] AS last_hash, last.seal FROM gone, last GROUP BY last.id, last.last_hash, last.seal)
INSERT INTO vigil.audit_segments SELECT id, first_seq, last_seq, first_at, last_at, previous_hash, last_hash, vigil.hash_segment(seal, id, first_seq, last_seq, first_at, last_at, previous_hash, last_hash), now() FROM made;
SELECT finding, regexp_replace(detail, '[0-9]+', 'N', 'g') AS detail FROM vigil.verify_audit();
ROLLBACK;
-- Tampered rows are evidence, and are not removed.
BEGIN;
UPDATE vigil.audit_log SET actor = 'nobody' WHERE seq = (SELECT min(seq) + 3 FROM vigil.audit_log);
\set VERBOSITY terse
SELECT count(*) AS kept FROM vigil.audit_log \gset
DO $$ BEGIN SET LOCAL client_min_messages = error; PERFORM vigil.seal_audit('2023-01-01', 10000); END $$;
SELECT count(*) - :kept AS fewer FROM vigil.audit_log;
\set VERBOSITY default
ROLLBACK;
ALTER TABLE vigil.audit_segments ENABLE TRIGGER USER;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
-- The statistics of a day whose anomalies are gone are gone too.
SELECT count(*) FROM vigil.anomaly_counts WHERE day < '2022-01-01';
UPDATE vigil.settings SET value = default_value WHERE value <> default_value;
DROP SCHEMA regress_year CASCADE;
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
ALTER TABLE vigil.audit_segments DISABLE TRIGGER USER;
TRUNCATE vigil.audit_log, vigil.audit_head, vigil.audit_segments;
ALTER TABLE vigil.audit_segments ENABLE TRIGGER USER;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history, vigil.anomalies, vigil.entity_scores, vigil.entity_metrics, vigil.incidents, vigil.suppressions, vigil.models RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
