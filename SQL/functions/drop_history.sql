-- For the owner of Vigil alone, because the time is an argument.
CREATE FUNCTION vigil.drop_history(at timestamptz, rows_max bigint)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    cutoff CONSTANT timestamptz :=
        drop_history.at - (vigil.get_setting('history_retention_months'))::integer * interval '1 month';
    -- Writers are at work in this one: it is never locked, only its old rows are deleted.
    present CONSTANT regclass :=
        format('vigil.observation_history_%s', vigil.history_slot(drop_history.at))::regclass;
    partition regclass;
    keeps_some boolean;
    removed bigint;
    removed_in_all bigint := 0;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits WHERE inhparent = 'vigil.observation_history'::regclass ORDER BY inhrelid
    LOOP
        EXIT WHEN removed_in_all >= rows_max;
        BEGIN
            -- An older snapshot would not see what was written since, and TRUNCATE asks for none.
            keeps_some := partition = present OR current_setting('transaction_isolation') <> 'read committed';
            IF NOT keeps_some THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE recorded_at >= $1)', partition)
                INTO keeps_some USING cutoff;
            END IF;
            IF NOT keeps_some THEN
                EXECUTE format('SELECT count(*) FROM %s', partition) INTO removed;
                CONTINUE WHEN removed = 0;
                -- Under the lock look again: a transaction that began long ago may have written meanwhile.
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE recorded_at >= $1)', partition)
                INTO keeps_some USING cutoff;
            END IF;
            IF keeps_some THEN
                EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE recorded_at < $1 LIMIT $2))', partition)
                USING cutoff, rows_max - removed_in_all;
                GET DIAGNOSTICS removed = ROW_COUNT;
            ELSE
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

COMMENT ON FUNCTION vigil.drop_history(timestamptz, bigint) IS 'Removes observations that at this time were recorded longer ago than the setting history_retention_months: a partition that holds no others at once, else at most so many rows. Returns how many. Never waits longer than a second for a lock.';
