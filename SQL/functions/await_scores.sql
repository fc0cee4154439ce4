CREATE FUNCTION vigil.await_scores(
    entity_ids bigint[], timeout_milliseconds integer,
    OUT unread_ids bigint[], OUT own_ids bigint[], OUT reason text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wait_milliseconds CONSTANT double precision := coalesce(
        await_scores.timeout_milliseconds, (vigil.get_setting('detect_timeout_milliseconds'))::integer);
    started_at CONSTANT timestamptz := clock_timestamp();
    pause_seconds double precision := 0.001;
    is_alive CONSTANT boolean := EXISTS (
        SELECT FROM vigil.sidecars WHERE vigil.sidecar_is_alive(heartbeat_at, state));
    sees_commits CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
BEGIN
    LOOP
        SELECT coalesce(array_agg(changed.entity_id) FILTER (WHERE changed.unread = 'committed'), '{}'),
            coalesce(array_agg(changed.entity_id) FILTER (WHERE changed.unread = 'own'), '{}')
        INTO unread_ids, own_ids
        FROM vigil.find_unread_changes(await_scores.entity_ids) AS changed;
        EXIT WHEN unread_ids = '{}' OR NOT is_alive OR NOT sees_commits
            OR clock_timestamp() >= started_at + wait_milliseconds * interval '1 millisecond';
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 1.5, 0.02);
    END LOOP;
    reason := CASE
        WHEN unread_ids = '{}' THEN NULL
        WHEN NOT is_alive THEN 'No sidecar is running, so the newest change is not scored: start "vigil run".'
        WHEN NOT sees_commits THEN 'The newest change was not scored when this transaction began, and its isolation level does not let it see more.'
        ELSE format('The newest change was not scored within %s ms.', wait_milliseconds)
    END;
END
$$;

COMMENT ON FUNCTION vigil.await_scores(bigint[], integer) IS 'Waits until the newest committed changes of these entities have been scored, at most timeout_milliseconds (default: the setting detect_timeout_milliseconds). Returns those that are not, those that the caller''s own open transaction has changed, and why it did not wait longer.';
