-- Attached tables: the shape of a payments database, partitioned by month, with hostile names; what is refused; who may do it.
SET SESSION AUTHORIZATION regress_vigil_owner;
SET TimeZone = 'UTC';
CREATE SCHEMA "pay; DROP";
SET search_path = "pay; DROP", public;
CREATE TYPE standing AS ENUM ('good', 'bad');
CREATE TABLE accounts (number text PRIMARY KEY, "select" text, opened date, standing standing);
CREATE TABLE "mer""chants %s @row@" ("key @ 1" bigint, "tenant's" smallint, "näme 名" text, PRIMARY KEY ("key @ 1", "tenant's"));
CREATE TABLE payments (
    id bigint GENERATED ALWAYS AS IDENTITY, "when" timestamptz NOT NULL, debtor text REFERENCES accounts, "merchant $1" bigint, tenant smallint, amount numeric(12, 2), memo text,
    PRIMARY KEY (id, "when"), FOREIGN KEY ("merchant $1", tenant) REFERENCES "mer""chants %s @row@") PARTITION BY RANGE ("when");
CREATE TABLE payments_01 PARTITION OF payments FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE payments_02 PARTITION OF payments FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO accounts VALUES ('DE 1', 'Ann', '2020-01-01', 'good'), ('DE''2', 'Bob', '2021-01-01', 'bad'), (E'DE\n\\3', E'C\t"\u202E', NULL, NULL);
INSERT INTO "mer""chants %s @row@" VALUES (1, 1, 'shop'), (1, 2, '"; SELECT 1; --');
INSERT INTO payments ("when", debtor, "merchant $1", tenant, amount, memo) VALUES
    ('2024-01-10', 'DE 1', 1, 1, 10, 'a'), ('2024-02-10', 'DE''2', 1, 2, 20, 'b'), ('2024-02-11', E'DE\n\\3', 1, 1, 30, '%s $1 \');

SELECT vigil.attach_relationships('payments', type => 'communicates_with', source => 'debtor', target => 'merchant $1, tenant', weight => 'amount');
SELECT vigil.attach_entities('accounts', type => 'person', name => 'select', value => 'number', first_seen => 'opened', description => 'standing', metadata => 'to_jsonb(accounts)', tags => 'ARRAY[standing::text, ''\'']');
SELECT vigil.attach_entities('"mer""chants %s @row@"', type => '''company''', name => 'näme 名', description => 'upper("mer""chants %s @row@"."näme 名") || '' \ %s @row@ $1 $body$''');
SELECT vigil.attach_relationships('payments', type => 'communicates_with', source => 'debtor', target => 'merchant $1, tenant', weight => 'amount', first_observed => 'when', description => 'memo');
CALL vigil.backfill(rows_per_batch => 1);
CREATE VIEW pg_temp.e AS SELECT id, type, name, value, description, attached_key FROM vigil.entities ORDER BY id;
CREATE VIEW pg_temp.p AS
SELECT r.id, s.name AS source, t.name AS target, weight, (first_observed AT TIME ZONE 'UTC')::date AS day, r.description, r.attached_key
FROM vigil.relationships AS r JOIN vigil.entities AS s ON s.id = source_entity_id JOIN vigil.entities AS t ON t.id = target_entity_id ORDER BY r.id;
TABLE pg_temp.e;
SELECT metadata, tags FROM vigil.entities WHERE name = 'Ann';
TABLE pg_temp.p;

-- Through the parent, through a partition, and from one partition to another.
INSERT INTO payments ("when", debtor, "merchant $1", tenant, amount) VALUES ('2024-01-20', 'DE 1', 1, 2, 40), ('2024-02-20', 'DE 1', 1, 2, 50);
INSERT INTO payments_01 (id, "when", debtor, "merchant $1", tenant, amount) OVERRIDING SYSTEM VALUE VALUES (100, '2024-01-21', 'DE 1', 1, 2, 60);
UPDATE payments SET "when" = '2024-02-21' WHERE amount = 40;
UPDATE payments_02 SET amount = 55 WHERE amount = 50;
DELETE FROM payments WHERE amount = 10;
TABLE pg_temp.p;
-- Whatever the session's settings: keys with timestamps have one text.
SET TimeZone = 'Asia/Tokyo';
SET DateStyle = 'German';
SET standard_conforming_strings = off;
SET escape_string_warning = off;
UPDATE payments SET amount = 61 WHERE amount = 60;
UPDATE accounts SET "select" = 'Anna' WHERE number = 'DE 1';
RESET standard_conforming_strings;
RESET TimeZone;
SET DateStyle = 'Postgres';
SELECT source, weight, attached_key FROM pg_temp.p WHERE weight IN (60, 61);
SELECT tags FROM vigil.entities WHERE name = 'Anna';
-- Partitions that come and go with rows in them: the back-fill compares. Triggers for those that come.
CREATE TABLE payments_03 (LIKE payments INCLUDING ALL);
INSERT INTO payments_03 (id, "when", debtor, "merchant $1", tenant, amount) OVERRIDING SYSTEM VALUE VALUES (200, '2024-03-01', 'DE''2', 1, 2, 70);
ALTER TABLE payments ATTACH PARTITION payments_03 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
ALTER TABLE payments DETACH PARTITION payments_01;
CALL vigil.backfill('payments');
SELECT source, target, weight FROM pg_temp.p;
SELECT vigil.cover_partitions('payments') AS made;
SELECT vigil.cover_partitions('payments') AS made;
UPDATE payments_03 SET amount = 71;
SELECT weight FROM pg_temp.p ORDER BY id DESC LIMIT 1;
TRUNCATE payments;
SELECT count(*) FROM pg_temp.p;
INSERT INTO payments ("when", debtor, "merchant $1", tenant, amount) VALUES ('2024-02-20', 'DE 1', NULL, 2, 50), ('2024-02-21', 'DE 1', 1, 2, 51);
SELECT weight FROM pg_temp.p;

-- What is refused, and how it says so.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE VIEW seen AS SELECT * FROM accounts;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM accounts;
CREATE TEMPORARY TABLE passing (id integer PRIMARY KEY);
CREATE UNLOGGED TABLE unlogged (id integer PRIMARY KEY);
CREATE TABLE keyless (a integer, b integer NOT NULL, c integer GENERATED ALWAYS AS (a + 1) STORED, d double precision PRIMARY KEY);
CREATE UNIQUE INDEX ON keyless (b) WHERE a > 0;
CREATE TABLE nothing (a integer);
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child () INHERITS (parent);
CREATE FUNCTION mine(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE DOMAIN checked AS text CHECK (mine(value) IS NOT NULL);
CREATE TABLE odd (id integer PRIMARY KEY, holder text, pair accounts, at timestamptz);
SELECT vigil.attach_entities('seen', type => 'person');
SELECT vigil.attach_entities('stored', type => 'person');
SELECT vigil.attach_entities('passing', type => 'person');
SELECT vigil.attach_entities('unlogged', type => 'person');
SELECT vigil.attach_entities('payments_02', type => 'person');
SELECT vigil.attach_entities('parent', type => 'person');
SELECT vigil.attach_entities('child', type => 'person');
SELECT vigil.attach_entities('vigil.settings', type => 'person');
SELECT vigil.attach_entities('pg_class', type => 'person');
SELECT vigil.attach_entities(NULL, type => 'person');
SELECT vigil.attach_entities('no_such', type => 'person');
SELECT vigil.attach_entities('accounts', type => 'person');
SELECT vigil.attach_relationships('payments', type => 'owns', source => 'debtor', target => 'merchant $1, tenant');
SELECT vigil.attach_entities('nothing', type => 'person');
SELECT vigil.attach_relationships('nothing', type => 'owns', source => 'a', target => 'a');
SELECT vigil.attach_entities('keyless', type => 'person');
SELECT vigil.attach_entities('keyless', type => 'person', key => 'b');
SELECT vigil.attach_entities('keyless', type => 'person', key => 'no_such');
SELECT vigil.attach_entities('keyless', type => 'person', key => 'a + b');
SELECT vigil.attach_entities('odd', type => NULL);
SELECT vigil.attach_entities('odd', type => 'persona');
SELECT vigil.attach_entities('odd', type => '''persona''');
SELECT vigil.attach_entities('odd', type => 'person', name => 'no_such');
SELECT vigil.attach_entities('odd', type => 'person', name => 'holder ||');
SELECT vigil.attach_entities('odd', type => 'person', risk_score => 'holder');
SELECT vigil.attach_entities('odd', type => 'person', first_seen => 'holder');
SELECT vigil.attach_entities('odd', type => 'person', metadata => 'holder');
SELECT vigil.attach_entities('odd', type => 'person', tags => 'holder');
SELECT vigil.attach_entities('odd', type => 'person', is_active => 'id');
SELECT vigil.attach_entities('odd', type => 'person', risk_score => '1 / 0');
SELECT vigil.attach_entities('odd', type => 'person', name => 'count(*)');
SELECT vigil.attach_entities('odd', type => 'person', name => 'row_number() OVER ()');
SELECT vigil.attach_entities('odd', type => 'person', name => 'generate_series(1, 2)');
SELECT vigil.attach_entities('odd', type => 'person', name => '(SELECT max(relname)::text FROM pg_class)');
SELECT vigil.attach_entities('odd', type => 'person', name => 'random()');
SELECT vigil.attach_entities('odd', type => 'person', first_seen => 'now()');
SELECT vigil.attach_entities('odd', type => 'person', name => 'current_user');
SELECT vigil.attach_entities('odd', type => 'person', name => 'current_setting(''server_version'')');
SELECT vigil.attach_entities('odd', type => 'person', name => 'table_to_xml(''pg_class'', false, false, '''')::text');
SELECT vigil.attach_entities('odd', type => 'person', name => 'ctid');
SELECT vigil.attach_entities('odd', type => 'person', name => '"pay; DROP".mine(holder)');
SELECT vigil.attach_entities('odd', type => 'person', name => 'holder::"pay; DROP".checked');
SELECT vigil.attach_entities('odd', type => 'person', name => '(pair).number');
SELECT vigil.attach_entities('odd', type => 'person', metadata => 'to_jsonb(odd)');
SELECT vigil.attach_entities('odd', type => 'person', name => '1) AS x, (2');
SELECT vigil.attach_entities('odd', type => 'person', name => '1); DROP TABLE accounts; SELECT (1');
SELECT vigil.attach_entities('odd', type => 'person', name => '1) FROM accounts --');
SELECT vigil.attach_entities('odd', type => 'person', name => 'id) AS mirrored FROM accounts UNION SELECT (''x''');
SELECT vigil.attach_relationships('odd', type => 'owns', source => 'id', target => NULL);
SELECT vigil.attach_relationships('odd', type => 'owns', source => 'holder', target => 'holder');
SELECT vigil.attach_relationships('odd', type => 'owns', source => 'holder', target => 'holder', source_table => 'keyless', target_table => 'accounts');
SELECT vigil.attach_relationships('odd', type => 'owns', source => 'holder', target => 'holder', source_table => 'accounts', target_table => '"mer""chants %s @row@"');
SELECT vigil.attach_relationships('odd', type => 'owns', source => 'holder', target => 'ARRAY[id]', source_table => 'accounts', target_table => 'accounts');
SELECT vigil.attach_relationships('odd', type => 'nonsense', source => 'holder', target => 'holder', source_table => 'accounts', target_table => 'accounts');
SELECT vigil.backfill('odd');
CALL vigil.backfill('odd');
CALL vigil.backfill(rows_per_batch => 0);
SELECT vigil.detach('odd');
SELECT vigil.detach_attachment(12345);
SELECT vigil.cover_partitions('odd');
SELECT vigil.mirror_pending(0);
\set VERBOSITY terse
-- Nothing is left of what was refused.
SELECT count(*) AS attachments FROM vigil.attachments;
SELECT count(DISTINCT tgrelid) AS tables FROM pg_trigger WHERE tgname LIKE 'vigil%' AND NOT tgisinternal;
SELECT count(*) AS functions FROM pg_proc WHERE proname ~ '^mirror_[0-9]';

-- A writer needs rights on the table that it writes, and none in Vigil; what is in its search_path does not matter.
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_vigil_writer;
GRANT USAGE ON SCHEMA "pay; DROP" TO regress_vigil_writer;
GRANT INSERT, SELECT, UPDATE, DELETE ON accounts TO regress_vigil_writer;
BEGIN;
SET LOCAL ROLE regress_vigil_writer;
CREATE TEMPORARY TABLE entities (trap integer);
CREATE TYPE pg_temp.mirrored_entity AS (trap integer);
CREATE FUNCTION pg_temp.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"trap": true}'::jsonb $$;
CREATE FUNCTION pg_temp.array_agg(text) RETURNS text[] LANGUAGE sql AS $$ SELECT '{trap}'::text[] $$;
SET LOCAL search_path = pg_temp, "pay; DROP", pg_catalog;
INSERT INTO accounts VALUES ('w', 'by a writer');
UPDATE accounts SET "select" = 'by a writer, twice' WHERE number = 'w';
SELECT 1 FROM vigil.entities;
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_vigil_writer;
INSERT INTO accounts VALUES ('w', 'by a writer');
RESET ROLE;
SELECT name, metadata ->> 'number' AS number FROM vigil.entities WHERE name = 'by a writer';
SET LOCAL ROLE regress_vigil_writer;
DELETE FROM accounts WHERE number = 'w';
RESET ROLE;
SELECT count(*) FROM vigil.entities WHERE name = 'by a writer';
ROLLBACK;
-- Who may attach: whoever is an admin of Vigil and owns the table. The function of another table is out of reach.
CREATE ROLE regress_vigil_attacher;
GRANT USAGE, CREATE ON SCHEMA "pay; DROP" TO regress_vigil_attacher;
SET ROLE regress_vigil_attacher;
CREATE TABLE own (id integer PRIMARY KEY, name text);
SELECT vigil.attach_entities('own', type => 'person');
RESET ROLE;
SELECT count(*) FROM pg_roles WHERE rolname = 'vigil_admin';
GRANT USAGE ON SCHEMA vigil TO regress_vigil_attacher;
DO $$
DECLARE routine regprocedure;
BEGIN
    FOR routine IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace AND proname IN (
        'attach_entities', 'attach_relationships', 'attach_table', 'check_attachable', 'drop_probes', 'find_key', 'find_end', 'split_columns', 'key_expression',
        'check_expression', 'vet_probe', 'probe_companion', 'register_attachment', 'hang_triggers', 'seal_attachment', 'lend_attachment', 'cover_partitions', 'detach', 'detach_attachment',
        'forget_attachment', 'mirror_pending', 'restart_fill', 'fill_batch', 'fill_attachment', 'backfill', 'attached_table')
    LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO regress_vigil_attacher', routine);
    END LOOP;
END
$$;
GRANT SELECT ON vigil.attachments, vigil.entity_types, vigil.entities, vigil.pending_rows, vigil.parked_relationships TO regress_vigil_attacher;
-- As for vigil_admin, where that role is there: a right alone shows no rows.
CREATE POLICY attacher ON vigil.attachments TO regress_vigil_attacher USING (true);
CREATE POLICY attacher ON vigil.entity_types TO regress_vigil_attacher USING (true);
CREATE POLICY attacher ON vigil.pending_rows TO regress_vigil_attacher USING (true);
CREATE POLICY attacher ON vigil.parked_relationships TO regress_vigil_attacher USING (true);
SET ROLE regress_vigil_attacher;
\set VERBOSITY default
SELECT vigil.attach_entities('accounts', type => 'person');
SELECT vigil.detach('accounts');
SELECT vigil.forget_attachment(id, false) FROM vigil.attachments WHERE table_name LIKE '%accounts';
SELECT vigil.cover_partitions('payments');
\set VERBOSITY terse
SELECT vigil.attach_entities('own', type => 'person', name => 'name') > 0 AS attached;
INSERT INTO own VALUES (1, 'mine');
SELECT name FROM vigil.entities WHERE name = 'mine';
CALL vigil.backfill('own');
CREATE TABLE other (LIKE own);
SELECT format('CREATE TRIGGER forged AFTER INSERT ON other REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION vigil.mirror_%s()', id) FROM vigil.attachments WHERE table_name LIKE '%own' \gexec
SELECT format('SELECT vigil.mirror_%s()', id) FROM vigil.attachments WHERE table_name LIKE '%own' \gexec
SELECT vigil.write_entities(1, 1, NULL, 'I');
-- Not even with probes of its own over the table of somebody else, or with code of its own in them.
CREATE FUNCTION evil(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TEMPORARY VIEW row_probe AS SELECT ROW(own.id::text, 'person', evil(own.name), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::vigil.mirrored_entity AS mirrored FROM own AS own;
CREATE TEMPORARY VIEW key_probe AS SELECT own.id::text AS mirrored FROM own AS own;
SELECT vigil.register_attachment('e', 'own', 'row_probe', 'key_probe', 'own', '{}', '{id}', '{integer}', NULL, NULL, 1, NULL);
SELECT vigil.register_attachment('e', 'accounts', 'row_probe', 'key_probe', 'own', '{}', '{id}', '{integer}', NULL, NULL, 1, NULL);
CREATE OR REPLACE TEMPORARY VIEW row_probe AS SELECT ROW(own.id::text, 'person', own.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::vigil.mirrored_entity AS mirrored FROM own AS own;
SELECT vigil.register_attachment('e', 'own', 'row_probe', 'key_probe', 'own', '{}', '{id}', '{integer) OR mischief(}', NULL, NULL, 1, NULL);
SELECT vigil.register_attachment('e', 'own', 'row_probe', 'key_probe', 'own', '{}', '{id}', '{\"pay; DROP\".checked}', NULL, NULL, 1, NULL);
SELECT vigil.register_attachment('e', 'own', 'row_probe', 'key_probe', 'another', '{}', '{id}', '{integer}', NULL, NULL, 1, NULL);
SELECT vigil.detach('own');
RESET ROLE;
DROP OWNED BY regress_vigil_attacher, regress_vigil_writer;
DROP ROLE regress_vigil_attacher, regress_vigil_writer;

-- DROP EXTENSION takes the triggers along, without CASCADE, and leaves the tables; a dump brings all of it back.
CREATE DATABASE regress_vigil_attached OWNER regress_vigil_owner;
\setenv PGDATABASE :DBNAME
\! bin=$(${PG_CONFIG:-pg_config} --bindir) && "$bin/pg_dump" -Fc | "$bin/pg_restore" --exit-on-error --role=regress_vigil_owner -d regress_vigil_attached && echo restored
SELECT count(*) AS entities, (SELECT count(*) FROM vigil.relationships) AS relationships FROM vigil.entities;
\c regress_vigil_attached
SET SESSION AUTHORIZATION regress_vigil_owner;
SET search_path = "pay; DROP", public;
SELECT count(*) AS entities, (SELECT count(*) FROM vigil.relationships) AS relationships FROM vigil.entities;
SELECT attached, mirrored_as, state, pending, rejected FROM vigil.attached_tables;
INSERT INTO accounts VALUES ('new', 'after the restore');
INSERT INTO payments ("when", debtor, "merchant $1", tenant, amount) VALUES ('2024-02-20', 'new', 1, 2, 99);
SELECT s.name, weight FROM vigil.relationships JOIN vigil.entities AS s ON s.id = source_entity_id WHERE weight = 99;
CALL vigil.backfill('accounts');
SELECT count(*) FROM vigil.entities;
SELECT vigil.attach_entities('keyless', type => 'person', key => 'a, b');
SELECT vigil.attach_entities('parent', type => 'person');
SELECT vigil.attach_entities('odd', type => 'person', name => 'holder') > 0 AS attached;
DROP EXTENSION vigil;
INSERT INTO accounts VALUES ('newer', 'after the end');
SELECT count(*) FROM accounts;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgname LIKE 'vigil%';
SELECT count(*) AS functions FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace;
CREATE EXTENSION vigil;
-- Restored by another role, the functions belong to one that has no rights in Vigil: no writer fails, and all can be put right.
\c contrib_regression_vigil
DROP DATABASE regress_vigil_attached;
CREATE DATABASE regress_vigil_attached;
\! bin=$(${PG_CONFIG:-pg_config} --bindir) && "$bin/pg_dump" -Fc | "$bin/pg_restore" --exit-on-error -d regress_vigil_attached && echo restored
\c regress_vigil_attached
SET search_path = "pay; DROP", public;
INSERT INTO accounts VALUES ('new', 'after the restore');
SELECT attached, state FROM vigil.attached_tables;
SELECT vigil.adopt_attachments();
CALL vigil.backfill();
SELECT attached, state FROM vigil.attached_tables;
SELECT name FROM vigil.entities ORDER BY id DESC LIMIT 1;
\c contrib_regression_vigil
DROP DATABASE regress_vigil_attached;
SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT vigil.detach('"pay; DROP".payments'), vigil.detach('"pay; DROP".accounts'), vigil.detach('"pay; DROP"."mer""chants %s @row@"');
SET client_min_messages = warning;
DROP SCHEMA "pay; DROP" CASCADE;
TRUNCATE vigil.entities, vigil.relationships, vigil.observation_history, vigil.pending_rows, vigil.rejected_rows RESTART IDENTITY CASCADE;
RESET SESSION AUTHORIZATION;
