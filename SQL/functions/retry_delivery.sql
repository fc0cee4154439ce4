CREATE FUNCTION vigil.retry_delivery(id bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.webhook_deliveries AS delivery
    SET state = 'queued', finished_at = NULL, attempts = 0, next_attempt_at = now()
    WHERE delivery.id = retry_delivery.id AND delivery.state = 'dead';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no dead letter %', coalesce(retry_delivery.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.webhook_dead_letters.';
    END IF;
    NOTIFY vigil_webhooks;
END
$$;

COMMENT ON FUNCTION vigil.retry_delivery(bigint) IS 'Has a delivery that was given up tried again, with as many attempts as a new one.';
