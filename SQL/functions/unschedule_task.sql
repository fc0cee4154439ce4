CREATE FUNCTION vigil.unschedule_task(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM vigil.schedules AS schedule WHERE schedule.name = unschedule_task.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no schedule %', coalesce(quote_literal(vigil.clean_label("left"(unschedule_task.name, 200))), 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.schedule_status.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.unschedule_task(text) IS 'Removes a schedule. One that is only to rest gets UPDATE vigil.schedules SET is_enabled = false.';
