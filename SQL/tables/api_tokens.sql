-- Not readable by vigil_reader: the names of tokens are nobody else's business, and hashes are not needed
-- by anybody but vigil.find_token().
CREATE TABLE vigil.api_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
        CHECK (length(name) BETWEEN 1 AND 100),
    role text NOT NULL
        CHECK (role IN ('vigil_reader', 'vigil_analyst', 'vigil_admin')),
    secret_hash bytea NOT NULL
        CHECK (octet_length(secret_hash) = 32),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_by text,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);

CREATE UNIQUE INDEX api_tokens_name_key ON vigil.api_tokens (name) WHERE revoked_at IS NULL;

COMMENT ON TABLE vigil.api_tokens IS 'Bearer tokens of the REST API and the page. Made by vigil.create_token(), which tells the token once; only a hash of its secret is kept.';
COMMENT ON COLUMN vigil.api_tokens.id IS 'Key of the token, and a part of it.';
COMMENT ON COLUMN vigil.api_tokens.name IS 'Who holds it: the name that reviews and the audit log show.';
COMMENT ON COLUMN vigil.api_tokens.role IS 'The database role that its requests run as: vigil_reader, vigil_analyst or vigil_admin.';
COMMENT ON COLUMN vigil.api_tokens.secret_hash IS 'SHA-256 of the secret.';
COMMENT ON COLUMN vigil.api_tokens.created_by IS 'Who made it.';
COMMENT ON COLUMN vigil.api_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN vigil.api_tokens.expires_at IS 'From when on it is refused; null: never.';
COMMENT ON COLUMN vigil.api_tokens.revoked_by IS 'Who took it back.';
COMMENT ON COLUMN vigil.api_tokens.revoked_at IS 'When it was taken back; null if it was not.';
COMMENT ON COLUMN vigil.api_tokens.last_used_at IS 'When it was last used, to the minute.';
