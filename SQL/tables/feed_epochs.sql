CREATE TABLE vigil.feed_epochs (
    epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE vigil.feed_epochs IS 'Events that the change feed cannot express as single changes: the reader loads everything again when the highest epoch is not the one that it has seen.';
COMMENT ON COLUMN vigil.feed_epochs.epoch IS 'Number of the epoch. Epochs become visible in ascending order.';
COMMENT ON COLUMN vigil.feed_epochs.reason IS 'What happened.';
COMMENT ON COLUMN vigil.feed_epochs.at IS 'When it happened.';

INSERT INTO vigil.feed_epochs (reason) VALUES ('installed');
