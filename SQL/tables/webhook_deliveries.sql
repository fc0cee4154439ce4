CREATE TABLE vigil.webhook_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook text NOT NULL REFERENCES vigil.webhooks (name) ON DELETE CASCADE,
    event text NOT NULL,
    kind text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0
        CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_status integer,
    last_error text
        CHECK (length(last_error) <= 1000),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    UNIQUE (webhook, event),
    CHECK ((state = 'queued') = (finished_at IS NULL))
);

CREATE INDEX webhook_deliveries_due_idx ON vigil.webhook_deliveries (webhook, id) WHERE state = 'queued';
CREATE INDEX webhook_deliveries_finished_at_idx ON vigil.webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;

COMMENT ON TABLE vigil.webhook_deliveries IS 'Calls of webhooks: those to come, those that were answered, and those given up, the dead letters. Kept for 30 days after their end.';
COMMENT ON COLUMN vigil.webhook_deliveries.id IS 'Key of the delivery; the header webhook-id is made of it and the same at every attempt.';
COMMENT ON COLUMN vigil.webhook_deliveries.webhook IS 'The webhook that is called.';
COMMENT ON COLUMN vigil.webhook_deliveries.event IS 'What tells the event from every other one: none is filed twice.';
COMMENT ON COLUMN vigil.webhook_deliveries.kind IS 'Name of the event.';
COMMENT ON COLUMN vigil.webhook_deliveries.payload IS 'The body: a JSON object of type, timestamp and data. Text, since its very bytes are signed.';
COMMENT ON COLUMN vigil.webhook_deliveries.state IS 'queued; delivered: answered with 2xx; dead: given up after its last attempt, see vigil.retry_delivery().';
COMMENT ON COLUMN vigil.webhook_deliveries.attempts IS 'How often it was tried.';
COMMENT ON COLUMN vigil.webhook_deliveries.next_attempt_at IS 'Not tried before; while a sidecar tries it, when another one may.';
COMMENT ON COLUMN vigil.webhook_deliveries.last_status IS 'HTTP status of the last answer; null where there was none.';
COMMENT ON COLUMN vigil.webhook_deliveries.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN vigil.webhook_deliveries.created_at IS 'When it was filed.';
COMMENT ON COLUMN vigil.webhook_deliveries.finished_at IS 'When it was delivered or given up.';
