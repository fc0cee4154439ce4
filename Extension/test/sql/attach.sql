-- Attached tables: the shape of a CMDB, with keys of uuid and of several columns, and columns that refer to managers.
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE SCHEMA regress_cmdb;
SET search_path = regress_cmdb, public;
CREATE TABLE sites (region text, code integer, title text, PRIMARY KEY (region, code));
CREATE TABLE hosts (
    id uuid PRIMARY KEY, hostname varchar(50) NOT NULL, region text, site integer, os text, risk numeric(4, 2), seen timestamp, retired boolean DEFAULT false,
    address inet, label text GENERATED ALWAYS AS (hostname || ' (' || os || ')') STORED, heartbeat integer DEFAULT 0,
    FOREIGN KEY (region, site) REFERENCES sites ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE services (host uuid REFERENCES hosts ON DELETE CASCADE, port smallint, name text, depends_on_host uuid, depends_on_port smallint, PRIMARY KEY (host, port));
CREATE TABLE employees (id integer PRIMARY KEY, name text, manager_id integer REFERENCES employees);
CREATE FUNCTION host(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO sites VALUES ('eu', 1, 'Berlin'), ('eu', 2, 'Paris');
INSERT INTO hosts (id, hostname, region, site, os, risk, seen, address)
SELECT host(n), 'h' || n, 'eu', 1 + n % 2, 'linux', 0.1, '2024-01-01', '10.0.0.1'::inet + n FROM generate_series(1, 4) AS n;
INSERT INTO services VALUES (host(1), 80, 'web', host(2), 5432), (host(2), 5432, 'db', NULL, NULL);
INSERT INTO employees VALUES (1, 'chief', NULL), (2, 'second', 1), (3, 'third', 1);

-- Attach. A type by its bare name or as an expression; ends by foreign keys, by the key of the table itself, by name.
SELECT vigil.attach_entities('sites', type => 'location', name => 'title');
SELECT vigil.attach_entities('hosts', type => 'CASE WHEN os = ''ios'' THEN ''device'' ELSE ''service'' END', name => 'label', value => 'host(address)',
    risk_score => 'risk', metadata => 'jsonb_build_object(''os'', os)', first_seen => 'seen', is_active => 'NOT retired', tags => 'ARRAY[os]');
SELECT vigil.attach_relationships('hosts', type => 'located_in', source => 'id', target => 'region, site');
SELECT vigil.attach_entities('services', type => 'service', name => 'name');
SELECT vigil.attach_relationships('services', type => 'runs', source => 'host', target => 'host, port');
SELECT vigil.attach_relationships('services', type => 'depends_on', source => 'host, port', target => 'depends_on_host, depends_on_port', target_table => 'services');
SELECT vigil.attach_entities('employees', type => 'person', name => 'name');
SELECT vigil.attach_relationships('employees', type => 'works_for', source => 'id', target => 'manager_id');
SELECT attachment, attached, mirrored_as, state, filled_percent FROM vigil.attached_tables;
CREATE VIEW pg_temp.e AS
SELECT entity.id, attached, type, name, value, risk_score AS risk, metadata, is_active AS on, right(attached_key, 6) AS key, attached_version > 0 AS live
FROM vigil.entities AS entity JOIN vigil.attached_tables ON attachment = attachment_id ORDER BY entity.id;
CREATE VIEW pg_temp.r AS
SELECT r.id, attached, r.type, s.name AS source, t.name AS target, r.is_active AS on, r.attached_version > 0 AS live
FROM vigil.relationships AS r JOIN vigil.entities AS s ON s.id = source_entity_id JOIN vigil.entities AS t ON t.id = target_entity_id
JOIN vigil.attached_tables ON attachment = r.attachment_id ORDER BY r.id;
CALL vigil.backfill(rows_per_batch => 2);
SELECT attachment, attached, mirrored_as, state, filled_percent, filled_rows, pending, parked, rejected FROM vigil.attached_tables;
TABLE pg_temp.e;
TABLE pg_temp.r;
SELECT first_seen AT TIME ZONE 'UTC' AS first_seen, last_seen, tags FROM vigil.entities WHERE name LIKE 'h1%';

-- INSERT, ON CONFLICT, COPY, MERGE.
BEGIN;
INSERT INTO hosts (id, hostname, region, site, os, address) VALUES (host(5), 'h5', 'eu', 1, 'ios', '10.0.0.9');
INSERT INTO hosts (id, hostname, region, site, os, address) VALUES (host(5), 'h5b', 'eu', 1, 'ios', '10.0.0.9'), (host(6), 'h6', 'eu', 2, 'linux', '10.0.0.10')
ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname;
COPY employees FROM STDIN;
4	fourth	2
5	fifth	4
\.
MERGE INTO employees AS known USING (VALUES (3, NULL), (4, 'fourth, renamed'), (6, 'sixth')) AS given (id, name) ON known.id = given.id
WHEN MATCHED AND given.name IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET name = given.name
WHEN NOT MATCHED THEN INSERT VALUES (given.id, given.name, 1);
SELECT attached, type, name, value, "on", live FROM pg_temp.e WHERE id > 10;
SELECT attached, type, source, target FROM pg_temp.r WHERE live;
SELECT first_seen = now() AS is_now, last_seen = now() AS is_now FROM vigil.entities WHERE name = 'sixth';
ROLLBACK;
SELECT count(*) FROM pg_temp.e WHERE live;

-- UPDATE: of mapped columns, of others, of an end, of an end to null; each leaves one observation of what changed.
BEGIN;
UPDATE hosts SET risk = 0.5, retired = true WHERE hostname = 'h1';
UPDATE hosts SET heartbeat = heartbeat + 1;
SELECT kind, operation, count(*) FROM vigil.observation_history WHERE recorded_xid = pg_current_xact_id() GROUP BY 1, 2;
SELECT name, risk, "on", live FROM pg_temp.e WHERE attached = 'hosts';
UPDATE hosts SET site = 2 WHERE hostname = 'h2';
UPDATE employees SET manager_id = NULL WHERE id = 2;
UPDATE employees SET manager_id = 2 WHERE id = 3;
SELECT attached, type, source, target, live FROM pg_temp.r WHERE attached IN ('hosts', 'employees');
ROLLBACK;

-- Keys that change: the entity stays, and so do the relationships that cascade.
BEGIN;
UPDATE sites SET code = 7 WHERE code = 2;
SELECT id, key FROM pg_temp.e WHERE attached = 'sites';
SELECT id, source, target, "on" FROM pg_temp.r WHERE type = 'located_in';
UPDATE employees SET id = id + 100, manager_id = manager_id + 100 WHERE id IN (2, 3) OR manager_id IS NULL;
SELECT id, name, key FROM pg_temp.e WHERE attached = 'employees';
SELECT source, target, "on" FROM pg_temp.r WHERE type = 'works_for';
SELECT count(*) FROM vigil.pending_rows;
ROLLBACK;
-- Keys that are handed on within one statement.
BEGIN;
ALTER TABLE employees DROP CONSTRAINT employees_manager_id_fkey;
DELETE FROM employees WHERE id = 1;
UPDATE employees SET id = id - 1;
SELECT id, name, key FROM pg_temp.e WHERE attached = 'employees';
ROLLBACK;

-- DELETE, with cascades; TRUNCATE; savepoints.
BEGIN;
DELETE FROM sites WHERE code = 2;
SELECT attached, count(*) FROM pg_temp.e GROUP BY 1 ORDER BY 1;
SELECT attached, type, source, target, "on" FROM pg_temp.r;
SELECT count(*) AS parked FROM vigil.parked_relationships;
SAVEPOINT here;
TRUNCATE employees;
SELECT count(*) FROM pg_temp.e WHERE attached = 'employees';
ROLLBACK TO here;
INSERT INTO employees VALUES (9, 'ninth', NULL);
SELECT name, live FROM pg_temp.e WHERE attached = 'employees';
ROLLBACK;

-- Ends that are not there yet are parked, and taken up when the entity comes; when it goes, they are parked again.
BEGIN;
UPDATE services SET depends_on_host = host(4), depends_on_port = 11211 WHERE port = 80;
SELECT source, target, "on" FROM pg_temp.r WHERE type = 'depends_on';
SELECT source_key, target_key, (relationship).type FROM vigil.parked_relationships;
SELECT attached, state, parked FROM vigil.attached_tables WHERE parked > 0;
INSERT INTO services VALUES (host(4), 11211, 'cache', NULL, NULL);
SELECT id, source, target, "on" FROM pg_temp.r WHERE type = 'depends_on';
DELETE FROM services WHERE port = 11211;
SELECT id, source, target, "on" FROM pg_temp.r WHERE type = 'depends_on';
SELECT source_key, target_key FROM vigil.parked_relationships;
DELETE FROM services;
SELECT count(*) FROM vigil.parked_relationships;
ROLLBACK;

-- A row that cannot be mirrored never fails its writer; it is set aside until it is good.
INSERT INTO hosts (id, hostname, region, site, os, risk, address) VALUES
    (host(11), 'good', 'eu', 1, 'linux', 0.5, '10.1.0.1'), (host(12), 'too risky', 'eu', 1, 'linux', 7, '10.1.0.2'), (host(13), 'same address', 'eu', 1, 'linux', 0.5, '10.1.0.1');
SELECT name, value FROM pg_temp.e WHERE attached = 'hosts' AND live;
SELECT right(key, 4) AS key, reason, sqlstate FROM vigil.rejected_rows ORDER BY key;
SELECT attached, rejected, last_reason FROM vigil.attached_tables WHERE rejected > 0;
UPDATE hosts SET risk = 0.7 WHERE hostname = 'too risky';
UPDATE hosts SET address = '10.1.0.3' WHERE hostname = 'same address';
-- What was good stays at its last good state; a value that is handed on is taken over.
UPDATE hosts SET risk = -1 WHERE hostname = 'good';
UPDATE hosts SET address = CASE hostname WHEN 'too risky' THEN '10.1.0.3'::inet ELSE '10.1.0.2' END WHERE hostname IN ('too risky', 'same address');
SELECT name, value, risk FROM pg_temp.e WHERE attached = 'hosts' AND live;
SELECT right(key, 4) AS key, reason FROM vigil.rejected_rows;
DELETE FROM hosts WHERE hostname IN ('good', 'too risky', 'same address');
SELECT count(*) FROM vigil.rejected_rows;
-- Types that come later: CALL vigil.backfill() takes the rows up.
SELECT vigil.attach_entities('employees', type => 'CASE WHEN id > 100 THEN ''robot'' ELSE ''person'' END', name => 'name', replace => true);
INSERT INTO employees VALUES (101, 'robbie', 1);
SELECT reason FROM vigil.rejected_rows;
SELECT (relationship).type, source_key, target_key FROM vigil.parked_relationships;
INSERT INTO vigil.entity_types (type) VALUES ('robot');
CALL vigil.backfill('employees');
SELECT type, name FROM pg_temp.e WHERE attached = 'employees';
SELECT source, target FROM pg_temp.r WHERE attached = 'employees';
SELECT count(*) FROM vigil.rejected_rows;

-- An expression that fails for one row of a statement, in the writer and in the back-fill.
CREATE TABLE readings (id serial PRIMARY KEY, amount integer, parts integer, text text);
INSERT INTO readings (amount, parts, text) VALUES (1, 2, '0.5'), (1, 0, '0.5'), (1, 3, 'nonsense'), (1, 4, '0.75');
SELECT vigil.attach_entities('readings', type => 'indicator', name => 'text', risk_score => 'amount::real / parts', confidence => 'text::real');
CALL vigil.backfill('readings');
SELECT name, risk FROM pg_temp.e WHERE attached = 'readings';
INSERT INTO readings (amount, parts, text) VALUES (1, 0, '0.5'), (1, 5, '0.5'), (1, 2, 'x');
INSERT INTO readings (amount, parts, text) SELECT 1, n % 1001, '0.5' FROM generate_series(1, 2500) AS n;
UPDATE readings SET parts = 0 WHERE id = 1;
UPDATE readings SET parts = 8 WHERE id = 2;
SELECT count(*), count(*) FILTER (WHERE name = '0.5') FROM pg_temp.e WHERE attached = 'readings';
SELECT reason, count(*), min(key) FROM vigil.rejected_rows GROUP BY reason ORDER BY reason;

-- Statements with many rows wait, but not for long; the order in which they are taken up does not matter.
UPDATE vigil.settings SET value = '2000' WHERE name = 'attach_rows_at_once';
TRUNCATE readings;
SELECT count(*) FROM pg_temp.e WHERE attached = 'readings';
INSERT INTO readings (id, amount, parts, text) SELECT n, 1, 2, '0.5' FROM generate_series(1, 2000) AS n;
SELECT count(*) FROM pg_temp.e WHERE attached = 'readings';
INSERT INTO readings (id, amount, parts, text) SELECT n, 1, 2, '0.5' FROM generate_series(2001, 5000) AS n;
SELECT count(*) FROM pg_temp.e WHERE attached = 'readings';
SELECT operation, count(*), sum(row_count) FROM vigil.pending_rows GROUP BY 1 ORDER BY 1;
UPDATE readings SET parts = 4 WHERE id = 3000;
DELETE FROM readings WHERE id IN (3001, 3002);
INSERT INTO readings (id, amount, parts, text) VALUES (3002, 1, 8, '0.5');
SELECT pending FROM vigil.attached_tables WHERE attached = 'readings';
SELECT vigil.mirror_pending() AS taken;
SELECT vigil.mirror_pending() AS taken;
SELECT count(*) FROM pg_temp.e WHERE attached = 'readings';
SELECT key, risk FROM pg_temp.e WHERE attached = 'readings' AND risk <> 0.5 ORDER BY key;
UPDATE readings SET id = id + 10000;
SELECT vigil.mirror_pending(100000) > 0 AS taken;
SELECT count(*), min(id) FROM readings;
SELECT count(*), count(*) FILTER (WHERE key::integer > 10000) AS renamed FROM pg_temp.e WHERE attached = 'readings';
DELETE FROM readings WHERE id > 11000;
SELECT vigil.mirror_pending(100000) > 0 AS taken;
SELECT count(*) FROM pg_temp.e WHERE attached = 'readings';
UPDATE vigil.settings SET value = default_value WHERE name = 'attach_rows_at_once';

-- A later back-fill compares: what was missed while triggers were off is added, changed and removed.
ALTER TABLE readings DISABLE TRIGGER USER;
SELECT state FROM vigil.attached_tables WHERE attached = 'readings';
DELETE FROM readings WHERE id < 10101;
UPDATE readings SET parts = 5 WHERE id = 10200;
INSERT INTO readings (id, amount, parts, text) VALUES (1, 1, 10, '0.5');
ALTER TABLE readings ENABLE TRIGGER USER;
CALL vigil.backfill('readings', rows_per_batch => 300);
SELECT count(*) AS rows, (SELECT count(*) FROM pg_temp.e WHERE attached = 'readings') AS mirrored FROM readings;
SELECT key, risk FROM pg_temp.e WHERE attached = 'readings' AND risk <> 0.5 ORDER BY key;

-- A table that changes under it never fails its writers; it says what is wrong, and is put right.
ALTER TABLE readings RENAME TO measurements;
INSERT INTO measurements (id, amount, parts, text) VALUES (2, 1, 2, '0.5');
SELECT attached, state FROM vigil.attached_tables WHERE options ->> 'name' = 'text';
ALTER TABLE measurements RENAME parts TO divisor;
INSERT INTO measurements (id, amount, divisor, text) VALUES (3, 1, 2, '0.5');
UPDATE measurements SET amount = 0 WHERE id = 2;
ALTER TABLE measurements RENAME id TO number;
INSERT INTO measurements (number, amount, divisor, text) VALUES (4, 1, 2, '0.5');
DELETE FROM measurements WHERE number = 1;
SELECT key, reason, sqlstate FROM vigil.rejected_rows ORDER BY rejected_at;
SELECT attached, state, rejected FROM vigil.attached_tables WHERE options ->> 'name' = 'text';
\set VERBOSITY default
CALL vigil.backfill('measurements');
SELECT vigil.attach_entities('measurements', type => 'indicator', name => 'text', risk_score => 'amount::real / divisor', confidence => 'text::real', replace => true);
CALL vigil.backfill('measurements');
\set VERBOSITY terse
SELECT count(*) AS rows, (SELECT count(*) FROM pg_temp.e WHERE attached = 'measurements') AS mirrored FROM measurements;
SELECT attached, state, rejected FROM vigil.attached_tables WHERE options ->> 'name' = 'text';

-- Detach: what refers to it first; a dropped table by its number; what was mirrored goes, or stays.
DROP TABLE measurements;
SELECT attached, state FROM vigil.attached_tables WHERE options ->> 'name' = 'text';
SELECT vigil.detach_attachment(attachment) FROM vigil.attached_tables WHERE state = 'the table is gone';
SELECT vigil.detach('sites');
SELECT vigil.detach('employees', keep_rows => true);
SELECT vigil.detach('employees');
SELECT vigil.detach('services'), vigil.detach('hosts'), vigil.detach('sites');
SELECT type, name, attachment_id FROM vigil.entities ORDER BY name;
SELECT count(*) FROM vigil.relationships;
SELECT count(*) AS attachments FROM vigil.attachments;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgname LIKE 'vigil%';
SELECT count(*) AS functions FROM pg_proc WHERE proname ~ '^mirror_[0-9]';
RESET search_path;
DROP SCHEMA regress_cmdb CASCADE;
DELETE FROM vigil.entity_types WHERE type = 'robot' AND NOT EXISTS (SELECT FROM vigil.entities WHERE type = 'robot');
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history, vigil.pending_rows, vigil.rejected_rows RESTART IDENTITY CASCADE;
DELETE FROM vigil.entity_types WHERE type = 'robot';
RESET SESSION AUTHORIZATION;
