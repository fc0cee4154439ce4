-- A company's inventory of machines and its payments, in tables that know nothing of Vigil. Seeded: the same each time.
SELECT setseed(0.42);
CREATE SCHEMA cmdb;
CREATE TABLE cmdb.machines (
    asset_no bigint PRIMARY KEY, fqdn text NOT NULL, os text, environment text, commissioned date, criticality numeric(3, 2));
CREATE TABLE cmdb.flows (
    flow_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_no bigint NOT NULL REFERENCES cmdb.machines,
    server_no bigint NOT NULL REFERENCES cmdb.machines, port integer, first_seen timestamptz NOT NULL, bytes_per_day bigint);
INSERT INTO cmdb.machines
SELECT n, format('%s-%s.example.net', (ARRAY['web', 'app', 'db', 'build', 'desk'])[1 + n % 5], to_char(n, 'FM000')),
    (ARRAY['Debian 12', 'Debian 11', 'Windows 11'])[1 + n % 3], (ARRAY['production', 'test'])[1 + n % 2],
    date '2023-01-01' + n, round((random() / 2)::numeric, 2)
FROM generate_series(1, 300) AS n;
INSERT INTO cmdb.flows (client_no, server_no, port, first_seen, bytes_per_day)
SELECT client, 1 + (client + floor(random() * 25)::integer) % 300, (ARRAY[443, 5432, 22])[1 + n % 3],
    now() - random() * interval '300 days', (random() * 1e6)::bigint
FROM (SELECT n, 1 + n % 300 AS client FROM generate_series(1, 1500) AS n) AS made;

CREATE SCHEMA bank;
CREATE TABLE bank.accounts (iban text PRIMARY KEY, holder text NOT NULL, country text, opened date, kyc_score real);
CREATE TABLE bank.transfers (
    reference uuid PRIMARY KEY DEFAULT gen_random_uuid(), debtor text NOT NULL REFERENCES bank.accounts,
    creditor text NOT NULL REFERENCES bank.accounts, amount numeric(12, 2) NOT NULL, booked timestamptz NOT NULL, purpose text);
INSERT INTO bank.accounts
SELECT 'DE' || to_char(n, 'FM00000000'), format('%s %s', (ARRAY['Ada', 'Bo', 'Cem', 'Dia', 'Eve', 'Finn'])[1 + n % 6],
    (ARRAY['Adler', 'Berg', 'Cruz', 'Demir', 'Engel', 'Falk', 'Graf'])[1 + n % 7]), (ARRAY['DE', 'AT', 'CH'])[1 + n % 3],
    date '2020-01-01' + n * 3, 0.7 + random() * 0.3
FROM generate_series(1, 400) AS n;
INSERT INTO bank.transfers (debtor, creditor, amount, booked, purpose)
SELECT 'DE' || to_char(payer, 'FM00000000'), 'DE' || to_char(1 + (payer + 1 + floor(random() * 12)::integer) % 400, 'FM00000000'),
    round((random() * 900 + 20)::numeric, 2), now() - random() * interval '300 days', (ARRAY['rent', 'invoice', 'groceries'])[1 + n % 3]
FROM (SELECT n, 1 + n % 400 AS payer FROM generate_series(1, 2400) AS n) AS made;
