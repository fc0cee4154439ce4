CREATE FUNCTION vigil.test_webhook(name text)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.file_delivery(name, 'webhook:test', jsonb_build_object('requested_by', vigil.acting_person()));
$$;

COMMENT ON FUNCTION vigil.test_webhook(text) IS 'Has a webhook called with an event webhook:test, and returns the key of the delivery: vigil.webhook_deliveries says what came of it.';
