CREATE TABLE vigil.threshold_state (
    is_only boolean PRIMARY KEY DEFAULT true
        CHECK (is_only),
    method text NOT NULL
        CHECK (method IN ('alert_budget_per_day', 'false_discovery_rate')),
    target double precision NOT NULL
        CHECK (target > 0),
    threshold double precision NOT NULL
        CHECK (threshold BETWEEN 0 AND 1.01),
    reason text NOT NULL,
    computed_at timestamptz NOT NULL
);

COMMENT ON TABLE vigil.threshold_state IS 'The threshold that an alert budget or a false-discovery rate puts in place of the setting anomaly_threshold: at most one row, kept by vigil.adjust_threshold(). Read it in vigil.alert_threshold.';
COMMENT ON COLUMN vigil.threshold_state.is_only IS 'True: there is one row at most.';
COMMENT ON COLUMN vigil.threshold_state.method IS 'The setting that it follows.';
COMMENT ON COLUMN vigil.threshold_state.target IS 'Value of that setting when it was computed.';
COMMENT ON COLUMN vigil.threshold_state.threshold IS 'From this score on a judgement is an anomaly; 1.01: nothing is.';
COMMENT ON COLUMN vigil.threshold_state.reason IS 'How it came about.';
COMMENT ON COLUMN vigil.threshold_state.computed_at IS 'When it was last computed.';
