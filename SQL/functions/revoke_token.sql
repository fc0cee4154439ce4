CREATE FUNCTION vigil.revoke_token(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.api_tokens AS token SET revoked_by = vigil.acting_person(), revoked_at = now()
    WHERE token.name = revoke_token.name AND token.revoked_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no token named %', coalesce(quote_literal(vigil.clean_label(revoke_token.name)), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See vigil.api_tokens.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.revoke_token(text) IS 'Takes a bearer token back: requests with it are refused from the commit on.';
