CREATE FUNCTION vigil.set_webhook(
    name text, url text, events text[] DEFAULT '{metrics:anomaly:detected}', severity_min text DEFAULT 'low', secret text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    secret_kept text;
BEGIN
    IF coalesce(set_webhook.name, '') = '' OR length(set_webhook.name) > 63 OR set_webhook.name <> vigil.clean_label(set_webhook.name, 63) THEN
        RAISE EXCEPTION 'a webhook needs a name of 1 to 63 characters, without control characters' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF set_webhook.url IS NULL OR set_webhook.url !~ '^https?://[^[:space:][:cntrl:]]+$' OR length(set_webhook.url) > 2000 THEN
        RAISE EXCEPTION 'the address of a webhook must begin with https:// or http://, and have at most 2000 characters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigil.check_words('event', set_webhook.events,
        '{metrics:anomaly:detected,metrics:anomaly:reviewed,metrics:anomaly:resolved,task:progress,drift}');
    PERFORM vigil.check_words('severity', ARRAY[set_webhook.severity_min], '{low,medium,high,critical}');
    IF set_webhook.secret !~ '^whsec_[A-Za-z0-9+/]{32,200}={0,2}$' THEN
        RAISE EXCEPTION 'the secret of a webhook must be whsec_ and 24 or more bytes in base64'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out: one is made.';
    END IF;
    INSERT INTO vigil.webhooks AS webhook (name, url, secret, events, severity_min, created_by)
    VALUES (set_webhook.name, set_webhook.url,
        -- 244 random bits of the operating system.
        coalesce(set_webhook.secret, 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')),
        coalesce(set_webhook.events, '{}'), coalesce(set_webhook.severity_min, 'low'), vigil.acting_person())
    ON CONFLICT ON CONSTRAINT webhooks_pkey DO UPDATE
    SET url = excluded.url, events = excluded.events, severity_min = excluded.severity_min,
        secret = CASE WHEN set_webhook.secret IS NULL THEN webhook.secret ELSE excluded.secret END
    RETURNING webhook.secret INTO secret_kept;
    NOTIFY vigil_webhooks;
    RETURN secret_kept;
END
$$;

COMMENT ON FUNCTION vigil.set_webhook(text, text, text[], text, text) IS 'Adds the webhook of this name, or changes it, and returns the secret that its calls are signed with; without one given it keeps its own, or gets a new one. events: metrics:anomaly:detected, metrics:anomaly:reviewed, metrics:anomaly:resolved, task:progress, drift; an empty array: only steps of playbooks call it.';
