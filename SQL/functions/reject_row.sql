CREATE FUNCTION vigil.reject_row(attachment integer, row_key text, reason text, sqlstate text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A key that is too long to be mirrored is too long for the index as well.
    DELETE FROM vigil.rejected_rows AS known
    WHERE known.attachment_id = attachment AND known.key = left(row_key, 500)
        OR known.attachment_id = attachment AND known.key IS NULL AND row_key IS NULL AND known.reason = reject_row.reason;
    INSERT INTO vigil.rejected_rows (attachment_id, key, reason, sqlstate)
    VALUES (attachment, left(row_key, 500), left(reject_row.reason, 2000), reject_row.sqlstate);
END
$$;

COMMENT ON FUNCTION vigil.reject_row(integer, text, text, text) IS 'Sets a row of an attached table aside with the reason. Called by the triggers of attached tables.';
