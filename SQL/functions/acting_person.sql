-- Who holds vigil_sidecar asks for others, and says for whom; nobody else's word is taken.
CREATE FUNCTION vigil.acting_person()
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN CASE
    WHEN nullif(current_setting('vigil.acting_person', true), '') IS NOT NULL
        AND (SELECT pg_has_role(session_user, role.oid, 'MEMBER') FROM pg_catalog.pg_roles AS role WHERE role.rolname = 'vigil_sidecar')
    THEN current_setting('vigil.acting_person')
    ELSE session_user::text END;

COMMENT ON FUNCTION vigil.acting_person() IS 'Who decides, for reviews, assignments and the audit log: the role that logged in; in a session of the sidecar that answers a request, the name of the token that the request came with.';
