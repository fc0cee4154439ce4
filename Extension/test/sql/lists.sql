SET SESSION AUTHORIZATION regress_vigil_owner;
SET client_min_messages = warning;
-- 100,000 anomalies, taken as they come: as in a restore.
INSERT INTO vigil.entities (type, name) SELECT 'domain', 'host ' || n FROM generate_series(1, 12000) AS n;
INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type) VALUES (1, 2, 'owns');
SET row_security = off;
INSERT INTO vigil.anomalies (id, subject_kind, subject_id, subject_type, subject_name, entity_id, anomaly_type, anomaly_score, peak_score, confidence, severity,
    detection_method, incident_id, first_detected, last_detected, is_active, resolved_at, reviewed, verdict, reviewed_at, assigned_to, suppressed_by, suppressed_until)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'entity', 1 + n % 12000, 'domain', 'host ' || 1 + n % 12000, 1 + n % 12000,
    (ARRAY['behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic'])[1 + n % 6], score, score, 0.7,
    CASE WHEN score >= 0.8 THEN 'critical' WHEN score >= 0.6 THEN 'high' ELSE 'medium' END,
    CASE WHEN n % 500 = 0 THEN 'rules' ELSE 'isolation_forest' END, 1 + n / 20, now() - n * interval '1 minute', now() - n * interval '30 seconds',
    n < 12000, CASE WHEN n >= 12000 THEN now() END, n % 100 = 3, CASE WHEN n % 100 = 3 THEN (ARRAY['benign', 'true_positive'])[1 + n / 100 % 2] END,
    CASE WHEN n % 100 = 3 THEN now() END, CASE WHEN n % 1000 = 4 THEN 'ann' END,
    CASE WHEN n % 10 = 7 THEN 1 END, CASE WHEN n % 10 = 7 THEN now() + CASE WHEN n % 20 = 7 THEN interval '1 day' ELSE interval '-1 day' END END
FROM (SELECT n, 0.5 + (n * 7919 % 100000) / 200000.0 AS score FROM generate_series(0, 99999) AS n) AS made;
RESET row_security;
DELETE FROM vigil.incidents;
INSERT INTO vigil.incidents (id) SELECT n FROM generate_series(1, 5001) AS n;
ALTER TABLE vigil.incidents ALTER COLUMN id RESTART WITH 5002;
ANALYZE vigil.anomalies, vigil.entities, vigil.incidents;
RESET client_min_messages;

\pset null '(null)'
SELECT id, severity, score, type, subject, state FROM vigil.list_anomalies(page_size => 4);
SELECT id, severity, score, type, subject, state FROM vigil.list_anomalies(order_by => 'time', page_size => 3);
SELECT id, severity, score, type, subject, state FROM vigil.list_anomalies(state => 'all', order_by => 'time', page_size => 9) OFFSET 6;
SELECT state, count(*) FROM vigil.list_anomalies(state => 'closed', page_size => 50) GROUP BY state;
SELECT state, count(*) FROM vigil.list_anomalies(state => 'suppressed', page_size => 10000) GROUP BY state;
SELECT DISTINCT severity, type FROM vigil.list_anomalies(severity => 'high, critical', type => 'temporal,semantic', page_size => 1000) ORDER BY 1, 2;
SELECT DISTINCT state FROM vigil.list_anomalies(verdict => 'benign', state => 'all', page_size => 1000) ORDER BY 1;
SELECT count(*) FROM vigil.list_anomalies(verdict => 'none', assigned_to => 'ann', page_size => 1000);
SELECT DISTINCT subject FROM vigil.list_anomalies(entity_id => 77, state => 'all', page_size => 1000);
SELECT DISTINCT subject FROM vigil.list_anomalies(subject => 'HOST 77', page_size => 1000) ORDER BY 1 LIMIT 4;
SELECT count(*) FROM vigil.list_anomalies(subject => 'host %', page_size => 1000);
SELECT count(*), min(score) >= 0.9 AND max(score) <= 0.95 AS within FROM vigil.list_anomalies(score_min => 0.9, score_max => 0.945, since => now() - interval '1 day', until => now() - interval '1 hour', page_size => 1000);
SELECT count(*) FROM vigil.list_anomalies(method => 'rules', page_size => 1000);
SELECT count(*) FROM vigil.list_anomalies(incident_id => 3, state => 'all', page_size => 1000);
SELECT count(*) FROM vigil.list_anomalies(incident_id => 999999);
SELECT count(*) FROM vigil.list_anomalies(relationship_id => 1);
SELECT count(*), count(DISTINCT state) FROM vigil.entity_anomalies(77);
\x on
SELECT id, severity, anomaly_type, subject_name, is_open, state, incident_id, suppressed_until IS NULL AS not_suppressed FROM vigil.anomaly('00000000-0000-0000-0000-000000000008');
\x off
SELECT type, open, critical, high, medium, low, unreviewed, unassigned, suppressed FROM vigil.anomaly_summary;

-- Page by page: nothing twice, nothing left out, in order, whatever comes in between.
CREATE FUNCTION pg_temp.walk(ordering text, by_cursor boolean, page integer) RETURNS TABLE (nth bigint, id uuid) LANGUAGE plpgsql AS $$
DECLARE
    place text;
    got uuid[];
BEGIN
    nth := 0;
    LOOP
        got := ARRAY(SELECT l.id FROM vigil.list_anomalies(severity => 'critical', order_by => ordering, after => place, page_size => page) AS l);
        EXIT WHEN got = '{}';
        FOREACH id IN ARRAY got LOOP
            nth := nth + 1;
            RETURN NEXT;
        END LOOP;
        place := CASE WHEN by_cursor THEN vigil.anomaly_cursor(id, ordering) ELSE id::text END;
        -- Another one, before the place and behind it, and the last line itself is detected again.
        INSERT INTO vigil.anomalies (subject_kind, subject_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
        SELECT 'entity', 100000 + nth, 'semantic', 0.99, 0.99, 0.5, 'critical', 'rules';
        IF by_cursor THEN
            UPDATE vigil.anomalies AS a SET anomaly_score = 1, peak_score = 1, last_detected = now() WHERE a.id = got[cardinality(got)];
        END IF;
    END LOOP;
END
$$;
CREATE TEMPORARY TABLE expected AS
SELECT id, row_number() OVER (ORDER BY anomaly_score DESC, first_detected DESC, id DESC) AS by_score, row_number() OVER (ORDER BY last_detected DESC, id DESC) AS by_time
FROM vigil.anomalies WHERE is_active AND severity = 'critical' AND (suppressed_until IS NULL OR suppressed_until <= now()) AND (verdict IS NULL OR verdict IN ('true_positive', 'undecided'));
BEGIN;
SELECT count(*) = (SELECT count(*) FROM expected) AS complete, bool_and(expected.by_score = walk.nth) AS in_order FROM pg_temp.walk('score', false, 501) AS walk JOIN expected USING (id);
ROLLBACK;
BEGIN;
SELECT count(*) = (SELECT count(*) FROM expected) AS complete, bool_and(expected.by_score = walk.nth) AS in_order FROM pg_temp.walk('score', true, 501) AS walk JOIN expected USING (id);
ROLLBACK;
BEGIN;
SELECT count(*) = (SELECT count(*) FROM expected) AS complete, bool_and(expected.by_time = walk.nth) AS in_order FROM pg_temp.walk('time', true, 501) AS walk JOIN expected USING (id);
ROLLBACK;

-- No filter, in no order, reads the whole table.
CREATE FUNCTION pg_temp.scans(arguments text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := pg_stat_get_xact_numscans('vigil.anomalies'::regclass);
    found record;
BEGIN
    FOR found IN EXECUTE format('SELECT * FROM vigil.list_anomalies(%s)', arguments) LOOP NULL; END LOOP;
    RETURN pg_stat_get_xact_numscans('vigil.anomalies'::regclass) - before;
END
$$;
SELECT filter || coalesce(', ' || ordering, '') AS reads_the_whole_table
FROM unnest(ARRAY['', $$severity => 'high'$$, $$severity => 'high,critical'$$, $$type => 'temporal'$$, $$type => 'temporal,semantic'$$, $$verdict => 'benign'$$, $$verdict => 'benign,undecided'$$, $$verdict => 'none'$$,
    $$entity_id => 77$$, $$relationship_id => 1$$, $$subject => 'host 77'$$, $$since => now() - interval '1 hour'$$, $$until => now() - interval '1 day'$$, $$since => now() - interval '2 hours', until => now() - interval '1 hour'$$,
    $$score_min => 0.99$$, $$score_max => 0.51$$, $$method => 'rules'$$, $$incident_id => 3$$, $$assigned_to => 'ann'$$,
    $$state => 'closed'$$, $$state => 'suppressed'$$, $$state => 'all'$$, $$state => 'all', severity => 'critical', type => 'behavioral', verdict => 'benign'$$,
    $$after => '00000000-0000-0000-0000-000000000008'$$]) AS filter,
    unnest(ARRAY[$$order_by => 'score'$$, $$order_by => 'time'$$]) AS ordering
WHERE pg_temp.scans(concat_ws(', ', nullif(filter, ''), ordering)) > 0;
-- The measure is one: without indexes it speaks.
BEGIN;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_indexonlyscan = off;
SELECT pg_temp.scans('') > 0 AS speaks;
ROLLBACK;
-- Other functions neither.
BEGIN;
SELECT pg_stat_get_xact_numscans('vigil.anomalies'::regclass) AS before \gset
SELECT count(*) FROM vigil.entity_anomalies(77);
SELECT count(*) FROM vigil.anomaly_stats(30);
SELECT count(*) FROM vigil.anomaly('00000000-0000-0000-0000-000000000008');
SELECT count(*) FROM (SELECT FROM vigil.anomalies_open LIMIT 20) AS page;
SELECT count(*) FROM (SELECT FROM vigil.anomalies_recent LIMIT 20) AS page;
SELECT pg_stat_get_xact_numscans('vigil.anomalies'::regclass) - :before AS whole_reads;
COMMIT;

-- Statistics: the same as counted from the rows, also after changes; folding changes nothing.
CREATE VIEW pg_temp.counted AS
SELECT day, measure, severity, anomaly_type, count(*) AS number FROM (
    SELECT (first_detected AT TIME ZONE 'UTC')::date AS day, 'found' AS measure, severity, anomaly_type FROM vigil.anomalies
    UNION ALL SELECT (resolved_at AT TIME ZONE 'UTC')::date, 'closed', severity, anomaly_type FROM vigil.anomalies WHERE resolved_at IS NOT NULL
    UNION ALL SELECT (reviewed_at AT TIME ZONE 'UTC')::date, verdict, severity, anomaly_type FROM vigil.anomalies WHERE verdict IS NOT NULL) AS facts
GROUP BY 1, 2, 3, 4;
CREATE VIEW pg_temp.kept AS SELECT day, measure, severity, anomaly_type, sum(difference) AS number FROM vigil.anomaly_counts GROUP BY 1, 2, 3, 4 HAVING sum(difference) <> 0;
CREATE VIEW pg_temp.difference AS (TABLE pg_temp.counted EXCEPT TABLE pg_temp.kept) UNION ALL (TABLE pg_temp.kept EXCEPT TABLE pg_temp.counted);
SELECT count(*) AS differences FROM pg_temp.difference;
UPDATE vigil.anomalies SET severity = 'low', anomaly_score = 0.3 WHERE id < '00000000-0000-0000-0000-000000000100';
UPDATE vigil.anomalies SET is_active = false, resolved_at = now() WHERE id < '00000000-0000-0000-0000-000000000050';
SELECT vigil.review_anomalies(ARRAY(SELECT id FROM vigil.anomalies WHERE id < '00000000-0000-0000-0000-000000000050'), 'benign');
SELECT vigil.undo_review('00000000-0000-0000-0000-000000000003');
DELETE FROM vigil.anomalies WHERE id < '00000000-0000-0000-0000-000000000020';
INSERT INTO vigil.anomalies (subject_kind, subject_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method)
SELECT 'entity', 200000 + n, 'semantic', 0.99, 0.99, 0.5, 'critical', 'rules' FROM generate_series(1, 200) AS n;
SELECT count(*) AS differences FROM pg_temp.difference;
SELECT vigil.fold_anomaly_counts(100000) > 0 AS folded;
SELECT vigil.fold_anomaly_counts(100000) AS folded;
SELECT count(*) AS differences FROM pg_temp.difference;
SELECT count(*) = count(DISTINCT (day, measure, severity, anomaly_type)) AS one_row_each FROM vigil.anomaly_counts;
SELECT count(*), count(*) FILTER (WHERE trend ~ '#') > 0 AS has_bars, max(length(trend)) AS longest_bar FROM vigil.anomaly_stats();
SELECT max(day) = (now() AT TIME ZONE 'UTC')::date AS until_today, count(*) FROM vigil.anomaly_stats(90);
-- Lines of 120 columns at most.
SELECT max(length(concat_ws(' | ', id, rpad(severity, 8), lpad(score::text, 5), rpad(type, 14), rpad(subject, 20), rpad(state, 10), rpad(age, 7)))) <= 118 AS fits FROM vigil.list_anomalies(state => 'all', page_size => 1000);
SELECT max(length(concat_ws(' | ', day, lpad(found::text, 5), lpad(critical::text, 8), lpad(high::text, 5), lpad(medium::text, 6), lpad(low::text, 5), lpad(closed::text, 6), lpad(reviewed::text, 8), lpad(dismissed::text, 9), lpad(average::text, 7), rpad(trend, 16)))) <= 118 AS fits FROM vigil.anomaly_stats(30);

-- What is refused.
\set VERBOSITY terse
SELECT * FROM vigil.list_anomalies(severity => 'high,horrible');
SELECT * FROM vigil.list_anomalies(type => '');
SELECT * FROM vigil.list_anomalies(verdict => 'benign'' OR true --');
SELECT * FROM vigil.list_anomalies(state => 'opened');
SELECT * FROM vigil.list_anomalies(state => NULL);
SELECT * FROM vigil.list_anomalies(order_by => 'id; DROP TABLE vigil.anomalies');
SELECT * FROM vigil.list_anomalies(after => 'nowhere');
SELECT * FROM vigil.list_anomalies(after => '99999999-0000-0000-0000-000000000007');
SELECT * FROM vigil.list_anomalies(after => '0.5/1/99999999-0000-0000-0000-000000000007', order_by => 'time');
SELECT * FROM vigil.list_anomalies(after => repeat('9', 1000000));
SELECT * FROM vigil.list_anomalies(page_size => 0);
SELECT * FROM vigil.list_anomalies(page_size => NULL);
SELECT * FROM vigil.anomaly('99999999-0000-0000-0000-000000000007');
SELECT * FROM vigil.entity_anomalies(99999);
SELECT * FROM vigil.anomaly_stats(0);
SELECT * FROM vigil.anomaly_stats(NULL);
\set VERBOSITY default
-- TRUNCATE of one table takes nothing along, and the anomalies of what is gone are closed.
INSERT INTO vigil.anomalies (subject_kind, subject_id, relationship_id, anomaly_type, anomaly_score, peak_score, confidence, severity, detection_method) VALUES ('relationship', 1, 1, 'relationship', 0.7, 0.7, 0.5, 'high', 'rules');
DELETE FROM vigil.anomalies WHERE id > '00000000-0000-0000-0000-000000013000' AND id < '00000000-0000-0000-0001-000000000000';
TRUNCATE vigil.relationships;
SELECT subject_kind, relationship_id, is_active, resolution FROM vigil.anomalies WHERE subject_kind = 'relationship';
SELECT count(*) > 10000 AS others_stay_open FROM vigil.anomalies WHERE is_active;
TRUNCATE vigil.entities CASCADE;
SELECT count(*) FILTER (WHERE is_active) AS open, count(*) > 12000 AS kept, count(entity_id) AS dangling FROM vigil.anomalies;
TRUNCATE vigil.anomalies CASCADE;
SELECT count(*) FROM vigil.anomaly_counts;
DELETE FROM vigil.incidents;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
