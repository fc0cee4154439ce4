CREATE FUNCTION vigil.arm_feed(armed boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_catalog.setval(
        'vigil.feed_doorbell',
        CASE WHEN arm_feed.armed AND (SELECT value FROM vigil.settings WHERE name = 'feed_arm') = 'true' THEN 1 ELSE 0 END);
END
$$;

COMMENT ON FUNCTION vigil.arm_feed(boolean) IS 'Asks writers to ring the doorbell (true) or not to (false). Takes effect at once, whether or not the transaction commits. Does not arm while the setting feed_arm is false.';
