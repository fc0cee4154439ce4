CREATE FUNCTION vigil.drop_old_history()
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    cutoff CONSTANT timestamptz :=
        now() - (vigil.get_setting('history_retention_months'))::integer * interval '1 month';
    partition regclass;
    has_newer boolean;
    removed bigint;
    removed_in_all bigint := 0;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits WHERE inhparent = 'vigil.observation_history'::regclass ORDER BY inhrelid
    LOOP
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE recorded_at >= $1)', partition)
            INTO has_newer USING cutoff;
            IF has_newer THEN
                EXECUTE format('DELETE FROM %s WHERE recorded_at < $1', partition) USING cutoff;
                GET DIAGNOSTICS removed = ROW_COUNT;
            ELSE
                EXECUTE format('SELECT count(*) FROM %s', partition) INTO removed;
                IF removed > 0 THEN
                    EXECUTE format('TRUNCATE %s', partition);
                END IF;
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
