-- Conditions are validated when they are written, and the error names what is wrong.
\set VERBOSITY terse
SELECT scope, kind, count(*) FROM vigil.indicator_measures GROUP BY scope, kind ORDER BY scope, kind;
SELECT name, scope, vigil.find_condition_fault(scope, condition) FROM vigil.indicators WHERE vigil.find_condition_fault(scope, condition) IS NOT NULL;

CREATE TEMPORARY TABLE wrong (scope text, condition text);
\copy wrong FROM stdin
entity	[]
entity	{}
entity	{"colour": "red"}
entity	{"feature": "risk_scor", "op": ">", "value": 0.5}
entity	{"feature": "xyzzy", "op": ">", "value": 0.5}
entity	{"signal": "burst_cuont", "op": ">", "value": 5}
entity	{"feature": "degree", "op": ">", "value": 5}
entity	{"feature": "risk_score", "signal": "degree", "op": ">", "value": 5}
entity	{"feature": 5, "op": ">", "value": 5}
entity	{"feature": "risk_score", "value": 0.5}
entity	{"feature": "risk_score", "op": "=>", "value": 0.5}
entity	{"feature": "risk_score", "op": ">"}
entity	{"feature": "risk_score", "op": ">", "value": 0.5, "peer_quantile": 0.5}
entity	{"feature": "risk_score", "op": ">", "value": "0.5"}
entity	{"feature": "risk_score", "op": ">", "value": 70}
entity	{"feature": "risk_score", "op": ">", "value": 0.5, "factor": 2}
entity	{"feature": "risk_score", "op": ">", "value": 0.5, "unit": "share"}
entity	{"feature": "risk_score", "op": ">", "peer_quantile": 99}
entity	{"feature": "risk_score", "op": ">", "peer_quantile": 0.99, "factor": "2"}
entity	{"feature": "risk_score", "op": ">", "value": 0.5, "evidence": "no"}
entity	{"signal": "mean_rating", "op": "<", "peer_quantile": 0.01}
entity	{"signal": "dormancy_days", "op": ">", "setting": "dormancy_day"}
entity	{"signal": "inbound_count", "op": ">", "value": 5}
entity	{"signal": "inbound_count", "relationship_type": "resolve_to", "op": ">", "value": 5}
entity	{"signal": "degree", "relationship_type": "resolves_to", "op": ">", "value": 5}
entity	{"type": "domian"}
entity	{"type": "spaceship"}
entity	{"type": ["domain", 5]}
entity	{"source_type": "domain"}
entity	{"all": []}
entity	{"all": [{"type": "domain"}], "any": [{"type": "domain"}]}
entity	{"any": [{"type": "domain"}, {"not": {"all": [{"feature": "risk", "op": ">", "value": 0}]}}]}
entity	{"not":{"not":{"not":{"not":{"not":{"not":{"not":{"not":{"type":"domain"}}}}}}}}}
relationship	{"signal": "degree", "op": ">", "value": 5}
relationship	{"type": "domain"}
relationship	{"source_type": "owns"}
page	{"type": "domain"}
\.
SELECT scope, condition, vigil.find_condition_fault(scope, condition::jsonb) AS fault FROM wrong;
SELECT scope, condition, vigil.find_condition_fault(scope, condition::jsonb) AS fault FROM (VALUES
    ('entity', '{"feature": "risk_score", "op": ">", "value": 0.5}'), ('entity', '{"feature": "is_verified", "op": "=", "value": true}'),
    ('entity', '{"signal": "burst_count", "op": ">=", "peer_quantile": 0.99, "factor": 2}'),
    ('entity', '{"signal": "degree", "op": ">=", "value": 3, "evidence": false}'),
    ('entity', '{"not":{"not":{"not":{"not":{"not":{"not":{"not":{"type":"domain"}}}}}}}}'),
    ('relationship', '{"all": [{"type": "owns"}, {"source_type": ["person", "company"]}, {"target_type": "domain"}]}')) AS right_ones (scope, condition);

-- The same by writing; a refused row replaces nothing, and a change that leaves the condition alone passes.
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('mine', 'temporal', 'entity', '{"feature": "risk_scor", "op": ">", "value": 0.5}', 'd', 'r');
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('burst', 'temporal', 'entity', '{"feature": "risk_scor", "op": ">", "value": 0.5}', 'd', 'r');
UPDATE vigil.indicators SET condition = '{"signal": "risk_score", "op": ">", "value": 0.5}' WHERE name = 'burst';
UPDATE vigil.indicators SET scope = 'relationship' WHERE name = 'burst';
SELECT name, version FROM vigil.indicators WHERE name IN ('burst', 'mine');
\set VERBOSITY default
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, description, recommendation) VALUES ('mine', 'temporal', 'entity', '{"feature": "risk_scor", "op": ">", "value": 0.5}', 'd', 'r');

-- Each wording has its number, the sidecar hears of it, and the earlier ones stay in the audit log.
BEGIN;
INSERT INTO vigil.entity_types (type, description) VALUES ('wallet', 'A wallet');
INSERT INTO vigil.indicators (name, anomaly_type, scope, condition, weight, description, recommendation) VALUES ('risky_wallet', 'infrastructure', 'entity', '{"all": [{"type": "wallet"}, {"feature": "risk_score", "op": ">=", "value": 0.8}]}', 0.5, 'Risky wallet', 'ask where the coins of {name} come from.');
UPDATE vigil.indicators SET condition = '{"all": [{"type": "wallet"}, {"feature": "risk_score", "op": ">=", "peer_quantile": 0.99}]}' WHERE name = 'risky_wallet' RETURNING version;
UPDATE vigil.indicators SET weight = 0.6 WHERE name = 'risky_wallet' RETURNING version;
SELECT action, after ->> 'version' AS version, before -> 'condition' IS DISTINCT FROM after -> 'condition' AS condition_changed FROM vigil.audit_log WHERE object_kind = 'indicator' AND object_id = 'risky_wallet' ORDER BY seq;
ROLLBACK;
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -c 'LISTEN vigil_configuration' -c 'UPDATE vigil.indicators SET is_enabled = is_enabled' | sed 's/ received from.*//'
