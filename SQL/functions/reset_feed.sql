CREATE FUNCTION vigil.reset_feed(reason text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(reset_feed.reason, '') = '' THEN
        RAISE EXCEPTION 'reset_feed needs a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.repair_transaction_ids();
    RETURN vigil.append_epoch(reset_feed.reason);
END
$$;

COMMENT ON FUNCTION vigil.reset_feed(text) IS 'Makes the sidecar load everything again, and repairs transaction ids of another cluster. For the owner of Vigil, after the files of a database were moved or restored. Returns the new epoch.';
