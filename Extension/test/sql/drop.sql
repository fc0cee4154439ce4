-- DROP EXTENSION takes everything along, data and later changes included; the empty schema stays.
SET SESSION AUTHORIZATION regress_vigil_owner;
DROP EXTENSION vigil;
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
