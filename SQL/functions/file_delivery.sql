CREATE FUNCTION vigil.file_delivery(webhook text, kind text, data jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    filed bigint;
BEGIN
    INSERT INTO vigil.webhook_deliveries AS delivery (webhook, event, kind, payload)
    SELECT known.name, gen_random_uuid(), file_delivery.kind, jsonb_build_object('type', file_delivery.kind,
        'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'data', file_delivery.data)
    FROM vigil.webhooks AS known WHERE known.name = file_delivery.webhook
    RETURNING delivery.id INTO filed;
    IF filed IS NULL THEN
        RAISE EXCEPTION 'there is no webhook %', coalesce(quote_literal(vigil.clean_label(file_delivery.webhook)), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'An administrator makes one: SELECT vigil.set_webhook(...).';
    END IF;
    NOTIFY vigil_webhooks;
    RETURN filed;
END
$$;

COMMENT ON FUNCTION vigil.file_delivery(text, text, jsonb) IS 'Has a webhook called with some data, and returns the key of the delivery.';
