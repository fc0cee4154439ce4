CREATE FUNCTION vigil.drop_old_history()
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    cutoff CONSTANT timestamptz :=
        now() - (vigil.get_setting('history_retention_months'))::integer * interval '1 month';
    -- Writers are at work in this one: it is never locked, only its old rows are deleted.
    present CONSTANT regclass :=
        format('vigil.observation_history_%s', vigil.history_slot(now()))::regclass;
    partition regclass;
    keeps_some boolean;
    removed bigint;
    removed_in_all bigint := 0;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits WHERE inhparent = 'vigil.observation_history'::regclass ORDER BY inhrelid
    LOOP
        BEGIN
            -- An older snapshot would not see what was written since, and TRUNCATE asks for none.
            keeps_some := partition = present OR current_setting('transaction_isolation') <> 'read committed';
            IF NOT keeps_some THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE recorded_at >= $1)', partition)
                INTO keeps_some USING cutoff;
            END IF;
            IF NOT keeps_some THEN
                -- Under the lock look again: a transaction that began long ago may have written meanwhile.
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
                EXECUTE format('SELECT count(*), coalesce(bool_or(recorded_at >= $1), false) FROM %s', partition)
                INTO removed, keeps_some USING cutoff;
            END IF;
            IF keeps_some THEN
                EXECUTE format('DELETE FROM %s WHERE recorded_at < $1', partition) USING cutoff;
                GET DIAGNOSTICS removed = ROW_COUNT;
            ELSIF removed > 0 THEN
                EXECUTE format('TRUNCATE %s', partition);
            END IF;
            removed_in_all := removed_in_all + removed;
        EXCEPTION WHEN lock_not_available THEN
            RAISE NOTICE '% is in use, its old observations stay until the next call', partition;
        END;
    END LOOP;
    RETURN removed_in_all;
END
$$;

COMMENT ON FUNCTION vigil.drop_old_history() IS 'Removes observations recorded longer ago than the setting history_retention_months. Returns how many. Never waits longer than a second for a lock.';
