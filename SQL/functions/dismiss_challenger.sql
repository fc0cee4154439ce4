CREATE FUNCTION vigil.dismiss_challenger(kind text DEFAULT 'ensemble', OUT dismissed text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.check_words('kind', ARRAY[coalesce(dismiss_challenger.kind, 'NULL')], '{ensemble,relationship,behavior,reviews}');
    UPDATE vigil.models AS model SET state = 'retired'
    WHERE model.kind = dismiss_challenger.kind AND model.state = 'challenger'
    RETURNING model.version INTO dismissed;
END
$$;

COMMENT ON FUNCTION vigil.dismiss_challenger(text) IS 'Ends the challenge and retires the challenger; returns which, null if there was none.';
