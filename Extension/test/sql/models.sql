SET SESSION AUTHORIZATION regress_vigil_owner;
INSERT INTO vigil.models (version, archive) VALUES ('a', 'a'), ('b', 'b'), ('c', 'c');
INSERT INTO vigil.models (version, kind, archive) VALUES ('r', 'relationship', 'r');
SELECT vigil.activate_model('d');
SELECT vigil.activate_model(NULL);
SELECT vigil.rollback_model();
SELECT vigil.rollback_model('none');
SELECT * FROM vigil.activate_model('a');
SELECT * FROM vigil.activate_model(version => 'b');
SELECT * FROM vigil.activate_model('b');
-- As the sidecar does it.
BEGIN;
UPDATE vigil.models SET state = 'retired' WHERE state = 'active' AND version <> 'c';
UPDATE vigil.models SET state = 'active', activated_at = now() WHERE version = 'c';
COMMIT;
SELECT * FROM vigil.activate_model('r');
SELECT version, kind, state FROM vigil.model_status;
-- Back along the way, not back and forth.
SELECT * FROM vigil.rollback_model();
SELECT * FROM vigil.rollback_model();
SELECT version, state, activated_at IS NOT NULL AS was_active FROM vigil.models ORDER BY version;
SELECT vigil.rollback_model();
SELECT vigil.rollback_model('relationship');
SELECT * FROM vigil.activate_model('c');
SELECT * FROM vigil.rollback_model('ensemble');
SELECT version, rolled_back_at IS NOT NULL AS rolled_back, activated_by FROM vigil.model_activations ORDER BY id;
-- The sidecar is told, once for each.
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -qAt -c 'LISTEN vigil_configuration' -c "SELECT activated FROM vigil.activate_model('c')" -c "SELECT activated FROM vigil.rollback_model()" | sed 's/ received from.*//'
SELECT action, object_id, before ->> 'state' AS before, after ->> 'state' AS after, after ? 'archive' AS has_archive FROM vigil.audit_log WHERE object_kind = 'model' ORDER BY seq;
SELECT object_id, after ->> 'archive_sha256' = encode(sha256('a'), 'hex') AS hashed FROM vigil.audit_log WHERE object_kind = 'model' ORDER BY seq LIMIT 1;
-- What is in use stays, whoever deletes.
DELETE FROM vigil.models;
TRUNCATE vigil.models CASCADE;
SELECT * FROM vigil.delete_model('d');
SELECT * FROM vigil.delete_model(NULL);
SELECT version, vigil.delete_model(version) FROM vigil.models WHERE state = 'active' AND kind = 'ensemble';
UPDATE vigil.models SET state = 'retired' WHERE version = 'b';
-- A removed model takes its places on the way along.
SELECT * FROM vigil.delete_model('b');
SELECT * FROM vigil.delete_model('c');
SELECT action, object_id, before ->> 'state' AS before FROM vigil.audit_log WHERE action = 'remove model' ORDER BY seq;
SELECT version FROM vigil.model_activations ORDER BY id;
UPDATE vigil.models SET state = 'retired';
DELETE FROM vigil.models;
SELECT finding FROM vigil.verify_audit();
RESET SESSION AUTHORIZATION;
