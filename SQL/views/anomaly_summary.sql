CREATE VIEW vigil.anomaly_summary WITH (security_invoker = true) AS
SELECT
    kinds.type,
    count(anomaly.id) FILTER (WHERE anomaly.is_shown) AS open,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'critical') AS critical,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'high') AS high,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'medium') AS medium,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.severity = 'low') AS low,
    count(*) FILTER (WHERE anomaly.is_shown AND NOT anomaly.reviewed) AS unreviewed,
    count(*) FILTER (WHERE anomaly.is_shown AND anomaly.assigned_to IS NULL) AS unassigned,
    count(*) FILTER (WHERE anomaly.is_suppressed) AS suppressed,
    vigil.format_age(max(anomaly.last_detected) FILTER (WHERE anomaly.is_shown)) AS newest
FROM unnest('{behavioral,relationship,infrastructure,data_quality,temporal,semantic}'::text[]) WITH ORDINALITY AS kinds (type, position)
LEFT JOIN (
    SELECT found.id, found.anomaly_type, found.severity, found.reviewed, found.assigned_to, found.last_detected,
        found.suppressed_until IS NOT NULL AND found.suppressed_until > now() AS is_suppressed,
        (found.suppressed_until IS NULL OR found.suppressed_until <= now())
            AND (found.verdict IS NULL OR found.verdict IN ('true_positive', 'undecided')) AS is_shown
    FROM vigil.anomalies AS found
    WHERE found.is_active AND found.resolved_at IS NULL
) AS anomaly ON anomaly.anomaly_type = kinds.type
GROUP BY kinds.type, kinds.position
ORDER BY kinds.position;

COMMENT ON VIEW vigil.anomaly_summary IS 'The open anomalies by type, as in vigil.anomalies_open, and how many are suppressed.';
COMMENT ON COLUMN vigil.anomaly_summary.type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_summary.open IS 'How many are to be looked at.';
COMMENT ON COLUMN vigil.anomaly_summary.critical IS 'Of these, critical ones.';
COMMENT ON COLUMN vigil.anomaly_summary.high IS 'Of these, high ones.';
COMMENT ON COLUMN vigil.anomaly_summary.medium IS 'Of these, medium ones.';
COMMENT ON COLUMN vigil.anomaly_summary.low IS 'Of these, low ones.';
COMMENT ON COLUMN vigil.anomaly_summary.unreviewed IS 'Of these, not reviewed yet.';
COMMENT ON COLUMN vigil.anomaly_summary.unassigned IS 'Of these, looked after by nobody.';
COMMENT ON COLUMN vigil.anomaly_summary.suppressed IS 'How many more are suppressed now.';
COMMENT ON COLUMN vigil.anomaly_summary.newest IS 'How long ago one was last detected.';
