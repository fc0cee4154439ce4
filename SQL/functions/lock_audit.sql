CREATE FUNCTION vigil.lock_audit()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_seq bigint;
BEGIN
    SELECT head.seq INTO last_seq FROM vigil.audit_head AS head FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO vigil.audit_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (singleton) DO UPDATE SET seq = audit_head.seq
        RETURNING seq INTO last_seq;
    END IF;
    RETURN last_seq;
END
$$;

COMMENT ON FUNCTION vigil.lock_audit() IS 'Makes other decisions wait until the transaction ends, and returns the number of the last one. Functions that decide call it before they lock anything else, so that two of them cannot wait for each other.';
