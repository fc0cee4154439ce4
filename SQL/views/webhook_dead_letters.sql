CREATE VIEW vigil.webhook_dead_letters WITH (security_invoker = true) AS
SELECT delivery.id, delivery.webhook, delivery.kind, delivery.payload::jsonb AS payload, delivery.attempts, delivery.last_status,
    delivery.last_error, delivery.created_at, delivery.finished_at
FROM vigil.webhook_deliveries AS delivery
WHERE delivery.state = 'dead'
ORDER BY delivery.finished_at DESC, delivery.id DESC;

COMMENT ON VIEW vigil.webhook_dead_letters IS 'Calls of webhooks that were given up, the last ones first; vigil.retry_delivery(id) tries one again.';
COMMENT ON COLUMN vigil.webhook_dead_letters.id IS 'Key of the delivery.';
COMMENT ON COLUMN vigil.webhook_dead_letters.webhook IS 'The webhook that was called.';
COMMENT ON COLUMN vigil.webhook_dead_letters.kind IS 'Name of the event.';
COMMENT ON COLUMN vigil.webhook_dead_letters.payload IS 'What it would have told.';
COMMENT ON COLUMN vigil.webhook_dead_letters.attempts IS 'How often it was tried.';
COMMENT ON COLUMN vigil.webhook_dead_letters.last_status IS 'HTTP status of the last answer; null where there was none.';
COMMENT ON COLUMN vigil.webhook_dead_letters.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN vigil.webhook_dead_letters.created_at IS 'When it was filed.';
COMMENT ON COLUMN vigil.webhook_dead_letters.finished_at IS 'When it was given up.';
