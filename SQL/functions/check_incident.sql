CREATE FUNCTION vigil.check_incident(id bigint)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    root CONSTANT bigint := vigil.root_incident(check_incident.id);
BEGIN
    IF root IS NULL THEN
        RAISE EXCEPTION 'there is no incident %', coalesce(check_incident.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.incidents_open.';
    END IF;
    RETURN root;
END
$$;

COMMENT ON FUNCTION vigil.check_incident(bigint) IS 'The incident that this one is a part of by now; refuses an id that is none.';
