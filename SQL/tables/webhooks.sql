-- Not readable by vigil_reader: secrets sign what is sent, and addresses often hold keys.
CREATE TABLE vigil.webhooks (
    name text PRIMARY KEY
        CHECK (length(name) BETWEEN 1 AND 63),
    url text NOT NULL
        CHECK (url ~ '^https?://[^[:space:][:cntrl:]]+$' AND length(url) <= 2000),
    secret text NOT NULL
        CHECK (secret ~ '^whsec_[A-Za-z0-9+/]{32,200}={0,2}$'),
    events text[] NOT NULL,
    severity_min text NOT NULL DEFAULT 'low'
        CHECK (severity_min IN ('low', 'medium', 'high', 'critical')),
    "position" bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE vigil.webhooks IS 'Whom the sidecar calls over HTTP when something happens. Made by vigil.set_webhook(), removed by vigil.drop_webhook(), tried by vigil.test_webhook(). Calls follow Standard Webhooks (standardwebhooks.com): signed with HMAC-SHA256, at least once.';
COMMENT ON COLUMN vigil.webhooks.name IS 'Name of the webhook; steps of playbooks call it by this name.';
COMMENT ON COLUMN vigil.webhooks.url IS 'Where it is called: POST, with JSON as the body.';
COMMENT ON COLUMN vigil.webhooks.secret IS 'The key of its signatures: whsec_ and the key in base64.';
COMMENT ON COLUMN vigil.webhooks.events IS 'The events that it is called for, as server-sent events name them.';
COMMENT ON COLUMN vigil.webhooks.severity_min IS 'Of events that have a severity only those of this one or a higher one.';
COMMENT ON COLUMN vigil.webhooks."position" IS 'Events up to then are filed, in microseconds since 1970.';
COMMENT ON COLUMN vigil.webhooks.created_by IS 'Who made it.';
COMMENT ON COLUMN vigil.webhooks.created_at IS 'When it was made: earlier events are not for it.';
