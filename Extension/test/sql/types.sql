SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT code, type, shape FROM vigil.entity_types ORDER BY code;
SELECT code, type, is_rating FROM vigil.relationship_types ORDER BY code;

-- Types can be added; theirs are codes of their own.
INSERT INTO vigil.entity_types (type, description, shape) VALUES ('wallet', 'A wallet', 'cylinder') RETURNING code, type;
INSERT INTO vigil.relationship_types (type, is_rating) VALUES ('votes', true) RETURNING code, type, is_rating;
-- An ordinary insert of a type that is there fails or does nothing, as asked.
INSERT INTO vigil.entity_types (type) VALUES ('domain');
INSERT INTO vigil.entity_types (type) VALUES ('domain') ON CONFLICT DO NOTHING;
SELECT description FROM vigil.entity_types WHERE type = 'domain';
INSERT INTO vigil.entity_types (type, shape) VALUES ('evil', 'box, label=<x>');
INSERT INTO vigil.entity_types (type) VALUES ('');
-- A type in use stays.
INSERT INTO vigil.entities (type, name) VALUES ('wallet', 'w');
DELETE FROM vigil.entity_types WHERE type = 'wallet';
DELETE FROM vigil.entities;
DELETE FROM vigil.entity_types WHERE type = 'wallet';
DELETE FROM vigil.relationship_types WHERE type = 'votes';
RESET SESSION AUTHORIZATION;
