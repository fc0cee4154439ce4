-- The chain finds what was done to it, by the owner, who alone could.
SET SESSION AUTHORIZATION regress_vigil_owner;
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
DELETE FROM vigil.audit_log;
DELETE FROM vigil.audit_head;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
SELECT * FROM vigil.verify_audit();
SELECT vigil.audit_anchor() IS NULL AS nothing_yet;
-- Settings, indicators, types, models, whichever way they are changed.
UPDATE vigil.settings SET value = '0.6' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = value WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = default_value WHERE value <> default_value;
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('test_only', 'temporal', 'entity', '{"feature": "risk_score", "op": ">", "value": 0.5}', 'd', 'r');
UPDATE vigil.indicators SET weight = 0.25 WHERE name = 'test_only';
DELETE FROM vigil.indicators WHERE name = 'test_only';
INSERT INTO vigil.entity_types (type) VALUES ('wallet');
UPDATE vigil.entity_types SET shape = 'star' WHERE type = 'wallet';
DELETE FROM vigil.entity_types WHERE type = 'wallet';
INSERT INTO vigil.relationship_types (type) VALUES ('votes');
DELETE FROM vigil.relationship_types WHERE type = 'votes';
SELECT vigil.audit_anchor() AS anchor \gset
SELECT seq, action, object_id, before, after FROM vigil.audit_log WHERE object_kind = 'setting' ORDER BY seq;
SELECT seq, action, object_id, before ->> 'weight' AS before, after ->> 'weight' AS after, before ->> 'shape' AS shape_before, after ->> 'shape' AS shape FROM vigil.audit_log WHERE object_kind <> 'setting' ORDER BY seq;
SELECT actor, acting_role, now() - at < interval '1 hour' AS is_recent, octet_length(hash) FROM vigil.audit_log WHERE seq = 1;
SELECT * FROM vigil.verify_audit();
SELECT finding FROM vigil.verify_audit(:'anchor');
-- The same whatever the session looks like.
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'German';
SET IntervalStyle = 'iso_8601';
SET extra_float_digits = -15;
SET bytea_output = 'escape';
SET lc_numeric = 'C';
SET standard_conforming_strings = off;
SET search_path = '';
UPDATE vigil.settings SET value = '0.30000000000000004' WHERE name = 'anomaly_threshold';
SELECT * FROM vigil.verify_audit();
RESET ALL;
SET SESSION AUTHORIZATION regress_vigil_owner;
UPDATE vigil.settings SET value = default_value WHERE value <> default_value;
SELECT * FROM vigil.verify_audit();
-- A hash that anybody can compute elsewhere.
SELECT hash = sha256(convert_to(string_agg(coalesce(length(field) || ':' || field, '-'), '' ORDER BY position), 'UTF8')) AS same
FROM vigil.audit_log, unnest(ARRAY[encode(previous_hash, 'hex'), seq::text, (extract(epoch FROM at) * 1000000)::bigint::text, actor, acting_role, action, object_kind, object_id, before::text, after::text]) WITH ORDINALITY AS fields (field, position)
WHERE seq = 2 GROUP BY hash;
-- Rows are not changed by mistake.
\set VERBOSITY terse
UPDATE vigil.audit_log SET actor = 'nobody';
DELETE FROM vigil.audit_log;
TRUNCATE vigil.audit_log;
SELECT * FROM vigil.verify_audit('no anchor');
SELECT * FROM vigil.verify_audit('1:' || repeat('00', 32));
\set VERBOSITY default

-- On purpose, then: each is found and named.
ALTER TABLE vigil.audit_log DISABLE TRIGGER USER;
BEGIN;
UPDATE vigil.audit_log SET actor = 'nobody' WHERE seq = 3;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
UPDATE vigil.audit_log SET before = '0.50', at = at WHERE seq = 1;
SELECT finding, seq FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
UPDATE vigil.audit_log SET at = at + interval '1 microsecond' WHERE seq = 5;
SELECT finding, seq FROM vigil.verify_audit();
ROLLBACK;
-- With a hash that fits.
BEGIN;
UPDATE vigil.audit_log SET actor = 'nobody' WHERE seq = 3;
UPDATE vigil.audit_log SET hash = vigil.hash_decision(previous_hash, seq, at, actor, acting_role, action, object_kind, object_id, before, after) WHERE seq = 3;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
-- The last one, with a hash that fits.
BEGIN;
UPDATE vigil.audit_log SET actor = 'nobody' WHERE seq = 12;
UPDATE vigil.audit_log SET hash = vigil.hash_decision(previous_hash, seq, at, actor, acting_role, action, object_kind, object_id, before, after) WHERE seq = 12;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
-- Removed: in the middle, the first, the last ones, all.
BEGIN;
DELETE FROM vigil.audit_log WHERE seq IN (4, 7, 8);
SELECT * FROM vigil.verify_audit();
DELETE FROM vigil.audit_log WHERE seq = 1;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
DELETE FROM vigil.audit_log WHERE seq = 12;
SELECT * FROM vigil.verify_audit();
DELETE FROM vigil.audit_log WHERE seq > 10;
SELECT * FROM vigil.verify_audit();
DELETE FROM vigil.audit_log;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
-- Inserted: at the end, before the first, in the place of a removed one.
BEGIN;
INSERT INTO vigil.audit_log SELECT 13, at, actor, acting_role, action, object_kind, 'forged', before, after, hash, hash FROM vigil.audit_log WHERE seq = 12;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
INSERT INTO vigil.audit_log SELECT 0, at, actor, acting_role, action, object_kind, 'forged', before, after, previous_hash, hash FROM vigil.audit_log WHERE seq = 1;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
BEGIN;
DELETE FROM vigil.audit_log WHERE seq = 6;
INSERT INTO vigil.audit_log SELECT 6, at, actor, acting_role, action, object_kind, 'forged', before, after, hash,
    vigil.hash_decision(hash, 6, at, actor, acting_role, action, object_kind, 'forged', before, after) FROM vigil.audit_log WHERE seq = 5;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
-- Two in each other's place.
BEGIN;
UPDATE vigil.audit_log SET seq = CASE seq WHEN 2 THEN -2 ELSE -3 END WHERE seq IN (2, 3);
UPDATE vigil.audit_log SET seq = CASE seq WHEN -2 THEN 3 ELSE 2 END WHERE seq < 0;
SELECT * FROM vigil.verify_audit();
ROLLBACK;
-- The head is gone, or turned back.
BEGIN;
DELETE FROM vigil.audit_head;
SELECT finding, count(*) FROM vigil.verify_audit() GROUP BY 1 ORDER BY 1;
ROLLBACK;
BEGIN;
UPDATE vigil.audit_head SET (seq, hash) = (SELECT seq, hash FROM vigil.audit_log WHERE seq = 11);
SELECT * FROM vigil.verify_audit();
DELETE FROM vigil.audit_log WHERE seq = 12;
SELECT finding FROM vigil.verify_audit();
-- Only an anchor that was kept elsewhere tells that the whole was written anew.
UPDATE vigil.audit_head SET (seq, hash) = (SELECT seq, hash FROM vigil.audit_log WHERE seq = 9);
DELETE FROM vigil.audit_log WHERE seq > 9;
SELECT * FROM vigil.verify_audit(:'anchor');
ROLLBACK;
ALTER TABLE vigil.audit_log ENABLE TRIGGER USER;
-- What is rolled back leaves neither row nor gap.
BEGIN;
UPDATE vigil.settings SET value = '0.7' WHERE name = 'anomaly_threshold';
ROLLBACK;
UPDATE vigil.settings SET value = '0.8' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = default_value WHERE name = 'anomaly_threshold';
SELECT * FROM vigil.verify_audit();
RESET SESSION AUTHORIZATION;
