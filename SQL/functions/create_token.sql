CREATE FUNCTION vigil.create_token(name text, role text DEFAULT 'vigil_analyst', expires_at timestamptz DEFAULT now() + interval '90 days')
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- 244 random bits of the operating system.
    secret CONSTANT text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    full_role CONSTANT text := CASE WHEN create_token.role LIKE 'vigil\_%' THEN create_token.role ELSE 'vigil_' || create_token.role END;
    id bigint;
BEGIN
    IF coalesce(create_token.name, '') = '' OR length(create_token.name) > 100
        OR create_token.name <> vigil.clean_label(create_token.name, 100)
    THEN
        RAISE EXCEPTION 'a token needs a name of 1 to 100 characters, without control characters'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Reviews and the audit log show it: use the holder''s name.';
    END IF;
    IF full_role IS NULL OR full_role <> ALL ('{vigil_reader,vigil_analyst,vigil_admin}'::text[]) THEN
        RAISE EXCEPTION 'a token cannot have the role %', coalesce(quote_literal(vigil.clean_label(create_token.role)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use reader, analyst or admin.';
    END IF;
    IF create_token.expires_at <= now() THEN
        RAISE EXCEPTION 'the token would have expired at %', create_token.expires_at USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO vigil.api_tokens AS token (name, role, secret_hash, created_by, expires_at)
    VALUES (create_token.name, full_role, sha256(convert_to(secret, 'UTF8')), vigil.acting_person(), create_token.expires_at)
    RETURNING token.id INTO id;
    RETURN 'vigil_' || id || '_' || secret;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'there is a token named % already', quote_literal(create_token.name)
        USING ERRCODE = 'unique_violation', HINT = 'Revoke it first: SELECT vigil.revoke_token(''...'').';
END
$$;

COMMENT ON FUNCTION vigil.create_token(text, text, timestamptz) IS 'Makes a bearer token of the REST API and the page, and tells it: it cannot be read again. role: reader, analyst or admin; expires_at null: never expires.';
