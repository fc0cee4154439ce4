CREATE FUNCTION vigil.acting_role()
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN CASE pg_catalog.current_setting('role') WHEN 'none' THEN session_user::text ELSE pg_catalog.current_setting('role') END;

COMMENT ON FUNCTION vigil.acting_role() IS 'The role that the caller has taken on by SET ROLE, else the one that logged in; also within functions that run with the rights of the owner.';
