-- With the rights of the owner: an analyst takes steps, and changes no other's.
CREATE FUNCTION vigil.tick_step(id uuid, number integer, note text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    wanted jsonb;
BEGIN
    PERFORM vigil.check_length('note', tick_step.note, 2000);
    PERFORM vigil.lock_audit();
    wanted := vigil.find_step(tick_step.id, tick_step.number);
    INSERT INTO vigil.playbook_progress AS progress (anomaly_id, step, done_by, done_at, note)
    VALUES (tick_step.id, wanted ->> 'step', vigil.acting_person(), now(), tick_step.note)
    ON CONFLICT ON CONSTRAINT playbook_progress_pkey DO UPDATE
    SET done_by = excluded.done_by, done_at = excluded.done_at, note = coalesce(excluded.note, progress.note)
    -- Who did it first did it.
    WHERE progress.done_at IS NULL OR excluded.note IS NOT NULL;
    RETURN (SELECT count(*) FROM vigil.checklist(tick_step.id) AS list WHERE NOT list.is_done);
END
$$;

COMMENT ON FUNCTION vigil.tick_step(uuid, integer, text) IS 'Says that a step of the checklist of an anomaly is done, with a note if wanted, and returns how many are still open.';
