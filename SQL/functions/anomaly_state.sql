CREATE FUNCTION vigil.anomaly_state(is_active boolean, resolved_at timestamptz, suppressed_until timestamptz, reviewed boolean)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT is_active OR resolved_at IS NOT NULL THEN 'closed'
    WHEN suppressed_until > pg_catalog.now() THEN 'suppressed'
    WHEN reviewed THEN 'reviewed'
    ELSE 'open'
END;

COMMENT ON FUNCTION vigil.anomaly_state(boolean, timestamptz, timestamptz, boolean) IS 'closed, suppressed, reviewed or open.';
