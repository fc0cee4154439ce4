CREATE FUNCTION vigil.find_token(id bigint, OUT name text, OUT role text, OUT secret_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    used_at timestamptz;
BEGIN
    SELECT token.name, token.role, token.secret_hash, token.last_used_at INTO find_token.name, find_token.role, find_token.secret_hash, used_at
    FROM vigil.api_tokens AS token
    WHERE token.id = find_token.id AND token.revoked_at IS NULL AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp());
    IF FOUND AND (used_at IS NULL OR used_at < clock_timestamp() - interval '1 minute') AND NOT pg_is_in_recovery() THEN
        UPDATE vigil.api_tokens AS token SET last_used_at = clock_timestamp()
        WHERE token.id = (SELECT held.id FROM vigil.api_tokens AS held WHERE held.id = find_token.id FOR UPDATE SKIP LOCKED);
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.find_token(bigint) IS 'The holder, role and hash of a token that is neither revoked nor expired, for the sidecar, which compares the hash; all null where there is none.';
