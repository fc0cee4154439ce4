CREATE FUNCTION vigil.format_age(at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seconds CONSTANT double precision := extract(epoch FROM clock_timestamp() - at);
BEGIN
    RETURN CASE
        WHEN seconds < 1 THEN 'now'
        WHEN seconds < 120 THEN floor(seconds)::bigint || ' s'
        WHEN seconds < 7200 THEN floor(seconds / 60)::bigint || ' min'
        WHEN seconds < 172800 THEN floor(seconds / 3600)::bigint || ' h'
        ELSE floor(seconds / 86400)::bigint || ' d'
    END;
END
$$;

COMMENT ON FUNCTION vigil.format_age(timestamptz) IS 'How long ago this was, in a few letters.';
