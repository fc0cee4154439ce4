CREATE FUNCTION vigil.switch_model(kind text, version text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    retired text;
BEGIN
    -- One switch at a time: two of them would each retire what the other has made active.
    PERFORM FROM vigil.models AS model WHERE model.kind = switch_model.kind ORDER BY model.version FOR UPDATE;
    UPDATE vigil.models AS model SET state = 'retired'
    WHERE model.kind = switch_model.kind AND model.state = 'active' AND model.version <> switch_model.version
    RETURNING model.version INTO retired;
    UPDATE vigil.models AS model SET state = 'active', activated_at = now()
    WHERE model.version = switch_model.version AND model.state <> 'active';
    RETURN retired;
END
$$;

COMMENT ON FUNCTION vigil.switch_model(text, text) IS 'Makes one model of a kind active and retires the other; returns which.';
