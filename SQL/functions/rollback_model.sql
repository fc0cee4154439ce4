-- With the rights of the owner, for the way back is written by triggers only.
CREATE FUNCTION vigil.rollback_model(kind text DEFAULT 'ensemble', OUT activated text, OUT retired text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    newest vigil.model_activations;
BEGIN
    PERFORM vigil.check_words('kind', ARRAY[coalesce(rollback_model.kind, 'NULL')], '{ensemble,relationship,behavior,reviews}');
    PERFORM FROM vigil.models AS model WHERE model.kind = rollback_model.kind ORDER BY model.version FOR UPDATE;
    SELECT * INTO newest FROM vigil.model_activations AS activation
    WHERE activation.kind = rollback_model.kind AND activation.rolled_back_at IS NULL
    ORDER BY activation.id DESC LIMIT 1;
    SELECT activation.version INTO activated FROM vigil.model_activations AS activation
    WHERE activation.kind = rollback_model.kind AND activation.rolled_back_at IS NULL AND activation.id < newest.id
    ORDER BY activation.id DESC LIMIT 1;
    IF activated IS NULL THEN
        RAISE EXCEPTION 'there is no earlier active model of kind % to go back to', quote_literal(rollback_model.kind)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'See SELECT * FROM vigil.model_status; vigil.activate_model() makes any of them active.';
    END IF;
    UPDATE vigil.model_activations AS activation SET rolled_back_by = vigil.acting_person(), rolled_back_at = now()
    WHERE activation.id = newest.id;
    retired := vigil.switch_model(rollback_model.kind, activated);
END
$$;

COMMENT ON FUNCTION vigil.rollback_model(text) IS 'Makes the model active again that was active before the present one, and retires that; the sidecar takes it over at once. Called again, it goes back one step more.';
