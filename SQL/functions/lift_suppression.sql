-- With the rights of the owner: the anomalies under it alert again at once.
CREATE FUNCTION vigil.lift_suppression(id bigint, reason text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    PERFORM vigil.check_length('reason', lift_suppression.reason, 2000);
    PERFORM vigil.lock_audit();
    UPDATE vigil.suppressions AS lifted
    SET lifted_by = vigil.acting_person(), lifted_at = now(), lift_reason = lift_suppression.reason
    WHERE lifted.id = lift_suppression.id AND lifted.lifted_at IS NULL
    RETURNING * INTO suppression;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no suppression % to lift', coalesce(lift_suppression.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.suppressions_active.';
    END IF;
    RETURN vigil.apply_suppressions(suppression);
END
$$;

COMMENT ON FUNCTION vigil.lift_suppression(bigint, text) IS 'Ends a suppression before its time. Returns how many anomalies are open again.';
