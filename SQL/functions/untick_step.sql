-- With the rights of the owner: see vigil.tick_step().
CREATE FUNCTION vigil.untick_step(id uuid, number integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    wanted jsonb;
BEGIN
    PERFORM vigil.lock_audit();
    wanted := vigil.find_step(untick_step.id, untick_step.number);
    UPDATE vigil.playbook_progress AS progress SET done_by = NULL, done_at = NULL
    WHERE progress.anomaly_id = untick_step.id AND progress.step = wanted ->> 'step' AND progress.done_at IS NOT NULL;
    RETURN (SELECT count(*) FROM vigil.checklist(untick_step.id) AS list WHERE NOT list.is_done);
END
$$;

COMMENT ON FUNCTION vigil.untick_step(uuid, integer) IS 'Takes back that a step of the checklist of an anomaly is done, and returns how many are open.';
