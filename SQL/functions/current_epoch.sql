CREATE FUNCTION vigil.current_epoch()
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT max(epoch) FROM vigil.feed_epochs);

COMMENT ON FUNCTION vigil.current_epoch() IS 'The current epoch of the change feed; it rises when the feed cannot tell single changes (TRUNCATE, a restore).';
