CREATE FUNCTION vigil.find_step(id uuid, number integer)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found jsonb;
    steps_count integer;
BEGIN
    SELECT count(*), jsonb_agg(to_jsonb(list)) FILTER (WHERE list.number = find_step.number) -> 0 INTO steps_count, found
    FROM vigil.checklist(find_step.id) AS list;
    IF found IS NULL THEN
        RAISE EXCEPTION 'the checklist of anomaly % has no step %', find_step.id, coalesce(find_step.number::text, 'NULL')
            USING ERRCODE = 'no_data_found',
                HINT = CASE steps_count WHEN 0 THEN 'No playbook fits it: see vigil.set_playbook().' ELSE format('It has the steps 1 to %s.', steps_count) END;
    END IF;
    RETURN found;
END
$$;

COMMENT ON FUNCTION vigil.find_step(uuid, integer) IS 'A step of the checklist of an anomaly as JSON; refuses a number that it does not have.';
