CREATE FUNCTION vigil.current_threshold()
RETURNS double precision
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- What was computed for a target that has changed since counts no more.
    SELECT coalesce((
        SELECT state.threshold
        FROM vigil.threshold_state AS state
        WHERE state.target = (vigil.get_setting(state.method))::double precision),
        (vigil.get_setting('anomaly_threshold'))::double precision);
$$;

COMMENT ON FUNCTION vigil.current_threshold() IS 'The score from which on a judgement is an anomaly: the setting anomaly_threshold, or what vigil.adjust_threshold() has put in its place.';
