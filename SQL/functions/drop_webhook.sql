CREATE FUNCTION vigil.drop_webhook(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM vigil.webhooks AS webhook WHERE webhook.name = drop_webhook.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no webhook %', coalesce(quote_literal(vigil.clean_label(drop_webhook.name)), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT name FROM vigil.webhooks.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.drop_webhook(text) IS 'Removes a webhook with its deliveries, those to come and the dead letters too.';
