CREATE FUNCTION vigil.mirror_at_once(attachment integer, row_count bigint, since bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    -- While another session takes up what waits, it takes up these rows too, once they are committed.
    IF row_count <= vigil.get_setting('attach_rows_at_once')::bigint
        AND pg_try_advisory_xact_lock(1986619244, attachment)
    THEN
        PERFORM vigil.mirror_pending_of(attachment, 2147483647, since);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.mirror_at_once(integer, bigint, bigint) IS 'Mirrors the rows that a statement has just queued, unless they are more than the setting attach_rows_at_once. Called by the triggers of attached tables.';
