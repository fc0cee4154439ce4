CREATE VIEW vigil.alert_threshold WITH (security_invoker = true) AS
SELECT
    vigil.current_threshold() AS threshold,
    CASE WHEN state.method IS NULL THEN 'anomaly_threshold' ELSE state.method END AS follows,
    CASE
        WHEN state.method IS NOT NULL THEN state.reason
        WHEN (vigil.get_setting('false_discovery_rate'))::double precision > 0 OR (vigil.get_setting('alert_budget_per_day'))::double precision > 0
            THEN 'no subject has a probability yet: rules judge, and the setting anomaly_threshold is in force'
        ELSE 'the setting is in force'
    END AS reason,
    vigil.format_age(state.computed_at) AS computed
FROM (VALUES (true)) AS one (is_only)
LEFT JOIN vigil.threshold_state AS state
    ON state.target = (vigil.get_setting(state.method))::double precision;

COMMENT ON VIEW vigil.alert_threshold IS 'The score from which on a judgement is an anomaly, and why. One row.';
COMMENT ON COLUMN vigil.alert_threshold.threshold IS 'The threshold in force; 1.01: nothing is an anomaly.';
COMMENT ON COLUMN vigil.alert_threshold.follows IS 'The setting that decides: anomaly_threshold, alert_budget_per_day or false_discovery_rate.';
COMMENT ON COLUMN vigil.alert_threshold.reason IS 'How it came about.';
COMMENT ON COLUMN vigil.alert_threshold.computed IS 'How long ago it was computed; null where the setting itself is in force.';
