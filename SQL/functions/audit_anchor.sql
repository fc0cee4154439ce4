CREATE FUNCTION vigil.audit_anchor()
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT seq || ':' || encode(hash, 'hex') FROM vigil.audit_head);

COMMENT ON FUNCTION vigil.audit_anchor() IS 'Number and hash of the last decision, to be kept outside the database and given to vigil.verify_audit() later. Null before the first decision.';
