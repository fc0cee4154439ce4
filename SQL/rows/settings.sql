-- Run by updates too: a value that was changed stays, as far as it still fits; a setting that is gone goes.
WITH shipped (name, value, unit, minimum, maximum, description) AS (VALUES
    ('anomaly_threshold', '0.5', 'score', 0, 1,
        'An entity or relationship with this score or more is an anomaly, unless alert_budget_per_day or false_discovery_rate is set'),
    ('feed_arm', 'true', '', NULL, NULL,
        'Whether writers may be asked to ring the doorbell (NOTIFY). Switch it off where transactions are prepared (two-phase commit): the feed is then only polled'),
    ('fallback_poll_milliseconds', '100', 'ms', 10, 60000,
        'How long the sidecar sleeps at most before it reads the change feed without having been rung'),
    ('heartbeat_seconds', '5', 's', 1, 3600,
        'How often the sidecar renews its row in vigil.sidecars; after three times as long without it counts as dead'),
    ('metrics_refresh_seconds', '5', 's', 1, 86400,
        'Shortest time between two computations of the global graph metrics'),
    ('metric_audit_seconds', '60', 's', 1, 86400,
        'How often the sidecar compares kept graph metrics of a few random entities with recomputed ones'),
    ('neighbours_scored_max', '1000', 'entities', 0, 1000000,
        'Neighbours of a changed entity that are scored again at most'),
    ('memory_limit_megabytes', '2048', 'MB', 64, 1048576,
        'The sidecar refuses to load a graph that would need more memory'),
    ('neighbourhood_node_limit', '100', 'entities', 1, 10000,
        'Entities in the picture of an anomaly at most'),
    ('subgraph_hops', '2', 'steps', 0, 5,
        'Steps around its subject that an anomaly keeps of the graph as it was at detection'),
    ('detect_timeout_milliseconds', '1000', 'ms', 0, 600000,
        'How long vigil.detect_entity waits for the newest change to be scored'),
    ('history_retention_months', '13', 'months', 1, 18,
        'How long observations are kept before vigil.run_upkeep() removes them'),
    ('anomaly_retention_days', '730', 'days', 1, 36500,
        'How long closed anomalies and their reviews, incidents without anomalies and ended suppressions are kept before vigil.run_upkeep() removes them'),
    ('reopen_days', '30', 'days', 0, 36500,
        'An anomaly that was resolved by itself and whose cause returns within this time is opened again; later it is a new one'),
    ('reconsider_minutes', '60', 'min', 1, 10080,
        'How often what has an open anomaly is judged again although nothing new is known of it: an anomaly whose cause has passed with time is then resolved'),
    ('audit_retention_days', '1825', 'days', 30, 36500,
        'How long decisions stay in vigil.audit_log before vigil.run_upkeep() seals and removes them, a month or more at a time'),
    ('retired_models_kept', '20', 'models', 1, 10000,
        'How many retired models of each kind are kept, with the steps that vigil.rollback_model() can go back'),
    ('burst_window_seconds', '7200', 's', 1, 31536000,
        'Window in which new relationships count as one burst'),
    ('incident_window_minutes', '60', 'min', 1, 525600,
        'Anomalies found within this time of each other can be one incident'),
    ('dormancy_days', '60', 'days', 1, 36500,
        'An entity without activity for so long that then wakes was dormant'),
    ('attach_rows_at_once', '10000', 'rows', 1000, 1000000000,
        'Statements that write more rows of an attached table than this leave them in vigil.pending_rows, and are mirrored after their COMMIT'),
    ('task_attempts_max', '5', 'attempts', 1, 100,
        'How often a task is tried before it is dead'),
    ('task_retry_seconds', '10', 's', 0, 3600,
        'How long a failed task waits for its next attempt; twice as long after each further failure, at most an hour'),
    ('task_lease_seconds', '30', 's', 1, 3600,
        'Without a sign of life for so long a running task is taken over by another sidecar'),
    ('tasks_open_max', '1000', 'tasks', 1, 1000000,
        'Tasks that wait or run at most; more are refused'),
    ('task_retention_days', '30', 'days', 1, 36500,
        'How long tasks that have ended are kept'),
    ('report_retention_days', '400', 'days', 1, 36500,
        'How long reports are kept'),
    ('rendering_retention_days', '7', 'days', 0, 36500,
        'How long pictures that were drawn are kept'),
    ('alert_budget_per_day', '0', 'anomalies', 0, 1000000,
        'So many new anomalies a day are wanted: a threshold that would have opened about so many stands in place of anomaly_threshold; 0: off'),
    ('false_discovery_rate', '0', 'share', 0, 0.5,
        'At most this share of the anomalies is to be by chance alone: a threshold by Benjamini and Hochberg stands in place of anomaly_threshold; 0: off'),
    ('drift_action', '"alarm"', '', NULL, NULL,
        'What drift brings about: report, nothing but a row of vigil.drift_reports; alarm, also a notification on the channel vigil_drift; retrain, also a training'),
    ('drift_psi_min', '0.25', '', 0.01, 10,
        'From this population stability index on a change is large enough to be drift'),
    ('drift_retrain_days', '7', 'days', 0, 365,
        'Drift does not ask for a training again within this time'),
    ('drift_retention_days', '400', 'days', 1, 36500,
        'How long checks for drift are kept')
), removed AS (
    DELETE FROM vigil.settings AS setting
    WHERE setting.name NOT IN (SELECT shipped.name FROM shipped)
)
INSERT INTO vigil.settings AS setting (name, value, default_value, unit, minimum, maximum, description)
SELECT name, value::jsonb, value::jsonb, unit, minimum, maximum, description
FROM shipped
ON CONFLICT (name) DO UPDATE
SET value = CASE
        WHEN setting.value = setting.default_value OR jsonb_typeof(setting.value) <> jsonb_typeof(excluded.default_value) THEN excluded.value
        WHEN jsonb_typeof(setting.value) <> 'number' THEN setting.value
        ELSE to_jsonb(least(greatest(setting.value::numeric, excluded.minimum), excluded.maximum)) END,
    default_value = excluded.default_value, unit = excluded.unit, minimum = excluded.minimum, maximum = excluded.maximum,
    description = excluded.description
WHERE (setting.default_value, setting.unit, setting.minimum, setting.maximum, setting.description)
    IS DISTINCT FROM (excluded.default_value, excluded.unit, excluded.minimum, excluded.maximum, excluded.description);
