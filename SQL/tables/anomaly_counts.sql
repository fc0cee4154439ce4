-- Differences and not totals: whoever writes an anomaly adds a row and waits for nobody, not even for
-- a long transaction that closes anomalies of the same day. vigil.fold_anomaly_counts() adds them up.
CREATE TABLE vigil.anomaly_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    measure text NOT NULL
        CHECK (measure IN ('found', 'closed', 'true_positive', 'false_positive', 'benign', 'undecided')),
    severity text NOT NULL,
    anomaly_type text NOT NULL,
    difference bigint NOT NULL,
    is_folded boolean NOT NULL DEFAULT false
);

CREATE INDEX anomaly_counts_day_idx ON vigil.anomaly_counts (day, measure, severity, anomaly_type);
CREATE INDEX anomaly_counts_unfolded_idx ON vigil.anomaly_counts (id) WHERE NOT is_folded;

COMMENT ON TABLE vigil.anomaly_counts IS 'How many anomalies were found, closed and judged on each day, kept by triggers for vigil.anomaly_stats(). The sum of the differences is the number; it can always be counted again from vigil.anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.id IS 'Key of the row.';
COMMENT ON COLUMN vigil.anomaly_counts.day IS 'The day, in UTC: of first_detected for found, of resolved_at for closed, of reviewed_at for a verdict.';
COMMENT ON COLUMN vigil.anomaly_counts.measure IS 'found, closed, or a verdict.';
COMMENT ON COLUMN vigil.anomaly_counts.severity IS 'Severity of those anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.anomaly_type IS 'Primary type of those anomalies.';
COMMENT ON COLUMN vigil.anomaly_counts.difference IS 'By how many the number changed.';
COMMENT ON COLUMN vigil.anomaly_counts.is_folded IS 'The row is a sum of earlier ones.';
