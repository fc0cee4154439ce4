CREATE FUNCTION vigil.maintain()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dropped record;
BEGIN
    SELECT * INTO dropped FROM vigil.drop_old_tasks();
    RETURN to_jsonb(dropped) || jsonb_build_object('observations', vigil.drop_old_history());
END
$$;

COMMENT ON FUNCTION vigil.maintain() IS 'Removes what is older than the settings say that it is kept: observations, tasks, reports, pictures. Returns how many of each. The task of kind maintenance calls it.';
