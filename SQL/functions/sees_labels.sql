CREATE FUNCTION vigil.sees_labels()
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE vigil.get_setting('picture_labels') #>> '{}'
    WHEN 'all' THEN true
    -- A role that is not there is nobody's.
    ELSE coalesce((
        SELECT pg_has_role(vigil.acting_role(), role.oid, 'USAGE') FROM pg_roles AS role
        WHERE role.rolname = 'vigil_' || (vigil.get_setting('picture_labels') #>> '{}')), false) END;

COMMENT ON FUNCTION vigil.sees_labels() IS 'Whether the pictures that the caller gets may show names: the setting picture_labels.';
