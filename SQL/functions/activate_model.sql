CREATE FUNCTION vigil.activate_model(version text, OUT kind text, OUT activated text, OUT retired text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT model.kind INTO activate_model.kind FROM vigil.models AS model WHERE model.version = activate_model.version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no model %', coalesce(quote_literal(vigil.clean_label("left"(activate_model.version, 200))), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.model_status.';
    END IF;
    activated := activate_model.version;
    retired := vigil.switch_model(activate_model.kind, activate_model.version);
END
$$;

COMMENT ON FUNCTION vigil.activate_model(text) IS 'Makes a model the active one of its kind and retires the one before, in one step; the sidecar takes it over at once. Returns which was retired: null if there was none, or if the model was active already.';
