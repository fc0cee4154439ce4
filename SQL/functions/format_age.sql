CREATE FUNCTION vigil.format_age(at timestamptz)
RETURNS text
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT CASE
        WHEN seconds < 1 THEN 'now'
        WHEN seconds < 120 THEN floor(seconds)::bigint || ' s'
        WHEN seconds < 7200 THEN floor(seconds / 60)::bigint || ' min'
        WHEN seconds < 172800 THEN floor(seconds / 3600)::bigint || ' h'
        ELSE floor(seconds / 86400)::bigint || ' d'
    END
    FROM (SELECT extract(epoch FROM clock_timestamp() - at)) AS elapsed (seconds)
);

COMMENT ON FUNCTION vigil.format_age(timestamptz) IS 'How long ago this was, in a few letters.';
