CREATE FUNCTION vigil.challenge_model(version text, OUT kind text, OUT challenger text, OUT champion text, OUT dismissed text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    model_state text;
BEGIN
    SELECT model.kind INTO challenge_model.kind FROM vigil.models AS model WHERE model.version = challenge_model.version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no model %', coalesce(quote_literal(vigil.clean_label("left"(challenge_model.version, 200))), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.model_status.';
    END IF;
    -- One switch at a time, as in vigil.switch_model().
    PERFORM FROM vigil.models AS model WHERE model.kind = challenge_model.kind ORDER BY model.version FOR UPDATE;
    SELECT model.state INTO model_state FROM vigil.models AS model WHERE model.version = challenge_model.version;
    SELECT model.version INTO champion FROM vigil.models AS model WHERE model.kind = challenge_model.kind AND model.state = 'active';
    IF champion IS NULL THEN
        RAISE EXCEPTION 'there is no active model of kind % to challenge', quote_literal(challenge_model.kind)
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'vigil.activate_model() makes this one active.';
    END IF;
    IF champion = challenge_model.version THEN
        RAISE EXCEPTION 'model % is the active one and cannot challenge itself', quote_literal(vigil.clean_label("left"(challenge_model.version, 200)))
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See SELECT * FROM vigil.model_status.';
    END IF;
    challenger := challenge_model.version;
    UPDATE vigil.models AS model SET state = 'retired'
    WHERE model.kind = challenge_model.kind AND model.state = 'challenger' AND model.version <> challenge_model.version
    RETURNING model.version INTO dismissed;
    UPDATE vigil.models AS model SET state = 'challenger', challenged_at = now()
    WHERE model.version = challenge_model.version AND model.state <> 'challenger';
END
$$;

COMMENT ON FUNCTION vigil.challenge_model(text) IS 'Makes a model the challenger of the active one of its kind: it judges every change in the shadow, and vigil.model_compare shows both. Returns which challenger it took the place of: null if there was none.';
