CREATE TYPE vigil.anomaly_line AS (
    id uuid,
    severity text,
    score numeric,
    type text,
    subject text,
    state text,
    age text
);

COMMENT ON TYPE vigil.anomaly_line IS 'An anomaly in one line of 120 columns: the answer of vigil.list_anomalies() and vigil.entity_anomalies().';
COMMENT ON COLUMN vigil.anomaly_line.id IS 'Key of the anomaly, for vigil.anomaly(), vigil.explain_anomaly(), vigil.review_anomaly() and as the place where the next page begins.';
COMMENT ON COLUMN vigil.anomaly_line.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomaly_line.score IS 'Score, 0 to 1.';
COMMENT ON COLUMN vigil.anomaly_line.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_line.subject IS 'Type and name of what is strange.';
COMMENT ON COLUMN vigil.anomaly_line.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomaly_line.age IS 'How long ago it was last detected.';
