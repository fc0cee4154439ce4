-- Not where transactions are prepared: PREPARE TRANSACTION refuses one that has notified. The sidecar
-- then finds the task when it looks by itself.
CREATE FUNCTION vigil.ring_for_tasks()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever files a task must not fail for a full queue either.
    IF vigil.get_setting('feed_arm') = 'true' AND pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('vigil_tasks', '');
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.ring_for_tasks() IS 'Tells the sidecar to look at vigil.tasks at once.';
