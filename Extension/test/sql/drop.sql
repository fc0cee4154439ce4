-- DROP EXTENSION takes everything along, data and later changes included; the empty schema stays.
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE SCHEMA regress_cmdb;
CREATE TABLE regress_cmdb.hosts (id bigint PRIMARY KEY, hostname text);
CREATE TABLE regress_cmdb.payments (id bigint, made_at date, a bigint, b bigint) PARTITION BY RANGE (made_at);
CREATE TABLE regress_cmdb.payments_1 PARTITION OF regress_cmdb.payments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE regress_cmdb.payments ADD PRIMARY KEY (id, made_at);
CREATE FUNCTION regress_cmdb.own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER own AFTER INSERT ON regress_cmdb.hosts FOR EACH ROW EXECUTE FUNCTION regress_cmdb.own();
CREATE VIEW regress_cmdb.strange AS SELECT * FROM vigil.anomalies_open;
INSERT INTO regress_cmdb.hosts SELECT n, 'host ' || n FROM generate_series(1, 5) AS n;
INSERT INTO regress_cmdb.payments SELECT n, '2024-05-05', 1, n FROM generate_series(2, 5) AS n;
SELECT vigil.attach_entities('regress_cmdb.hosts', type => '''device''', name => 'hostname') > 0 AS attached;
SELECT vigil.attach_relationships('regress_cmdb.payments', type => '''uses''', source => 'a', target => 'b', source_table => 'regress_cmdb.hosts', target_table => 'regress_cmdb.hosts') > 0 AS attached;
CALL vigil.backfill();
SELECT count(*) > 8 AS hung FROM pg_trigger WHERE tgname LIKE 'vigil%';
-- Refused while a view of others stands on it, as ever; CASCADE takes that view, and no table of anybody's.
\set VERBOSITY terse
DROP EXTENSION vigil;
SET client_min_messages = warning;
DROP EXTENSION vigil CASCADE;
RESET client_min_messages;
\set VERBOSITY default
SELECT count(*) FROM regress_cmdb.hosts;
SELECT count(*) FROM regress_cmdb.payments;
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'regress_cmdb.%';
INSERT INTO regress_cmdb.hosts VALUES (6, 'later');
SELECT count(*) AS left_behind FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace;
SET client_min_messages = warning;
DROP SCHEMA regress_cmdb CASCADE;
RESET client_min_messages;
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'vigil'::regnamespace) AS relations,
    (SELECT count(*) FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace) AS functions,
    (SELECT count(*) FROM pg_type WHERE typnamespace = 'vigil'::regnamespace) AS types;
SELECT count(*) AS triggers FROM pg_trigger WHERE NOT tgisinternal;
-- And it can be installed again. A schema that holds something else is refused.
CREATE EXTENSION vigil;
DROP EXTENSION vigil;
CREATE TABLE vigil.something ();
CREATE EXTENSION vigil;
DROP SCHEMA vigil CASCADE;
RESET SESSION AUTHORIZATION;
CREATE SCHEMA vigil;
SET SESSION AUTHORIZATION regress_vigil_owner;
CREATE EXTENSION vigil;
RESET SESSION AUTHORIZATION;
DROP SCHEMA vigil;
DROP ROLE vigil_admin, vigil_analyst, vigil_sidecar, vigil_reader;
DROP OWNED BY regress_vigil_owner;
DROP ROLE regress_vigil_owner;
