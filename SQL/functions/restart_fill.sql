-- With the rights of the owner, because it writes vigil.attachments.
CREATE FUNCTION vigil.restart_fill(attached regclass, rows_per_batch integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
    IF rows_per_batch IS NULL OR rows_per_batch NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'rows_per_batch must be within 1 and 100000' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF attached IS NOT NULL AND NOT EXISTS (SELECT FROM vigil.attachments AS known WHERE vigil.attached_table(known.id) = attached) THEN
        RAISE EXCEPTION 'table % is not attached', attached
            USING ERRCODE = 'undefined_object', HINT = 'See SELECT * FROM vigil.attached_tables.';
    END IF;
    -- Passes that were interrupted go on; what is complete is compared anew, if it is asked for by name or all is complete.
    UPDATE vigil.attachments AS known
    SET fill_position = NULL, fill_rows = 0, fill_started_at = now(), fill_advanced_at = NULL, filled_at = NULL,
        fill_rows_expected = greatest(known.fill_rows, 0)
    WHERE known.filled_at IS NOT NULL
        AND CASE WHEN attached IS NULL THEN NOT EXISTS (SELECT FROM vigil.attachments AS other WHERE other.filled_at IS NULL)
            ELSE vigil.attached_table(known.id) = attached
                AND NOT EXISTS (SELECT FROM vigil.attachments AS other WHERE other.filled_at IS NULL AND vigil.attached_table(other.id) = attached) END;
END
$$;

COMMENT ON FUNCTION vigil.restart_fill(regclass, integer) IS 'Begins another pass of the back-fill where the last one is complete. Called by vigil.backfill().';
