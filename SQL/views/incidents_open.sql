CREATE VIEW vigil.incidents_open WITH (security_invoker = true) AS
SELECT
    grouped.incident_id AS incident,
    CASE grouped.rank WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END AS severity,
    round(grouped.score::numeric, 2) AS score,
    grouped.open,
    vigil.clean_label(array_to_string(grouped.names[1:2], ', ')
        || CASE WHEN cardinality(grouped.names) > 2 THEN ' and ' || cardinality(grouped.names) - 2 || ' more' ELSE '' END, 38) AS subjects,
    vigil.clean_label(incident.assigned_to, 12) AS assigned_to,
    vigil.format_age(grouped.first_detected) AS began,
    vigil.format_age(grouped.last_detected) AS latest
FROM (
    SELECT subject.incident_id, max(subject.score) AS score, sum(subject.open)::bigint AS open, max(subject.rank) AS rank,
        array_agg(subject.name ORDER BY subject.score DESC, subject.name) AS names,
        min(subject.first_detected) AS first_detected, max(subject.last_detected) AS last_detected
    FROM (
        SELECT coalesce(own.merged_into, own.id) AS incident_id,
            max(coalesce(anomaly.subject_name, anomaly.subject_kind || ' ' || anomaly.subject_id)) AS name,
            max(anomaly.anomaly_score) AS score, count(*) AS open,
            max(CASE anomaly.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS rank,
            min(anomaly.first_detected) AS first_detected, max(anomaly.last_detected) AS last_detected
        FROM vigil.anomalies AS anomaly
        JOIN vigil.incidents AS own ON own.id = anomaly.incident_id
        WHERE anomaly.is_active AND anomaly.resolved_at IS NULL
            AND (anomaly.suppressed_until IS NULL OR anomaly.suppressed_until <= now())
            AND (anomaly.verdict IS NULL OR anomaly.verdict IN ('true_positive', 'undecided'))
        GROUP BY 1, anomaly.subject_kind, anomaly.subject_id
    ) AS subject
    GROUP BY subject.incident_id
) AS grouped
JOIN vigil.incidents AS incident ON incident.id = grouped.incident_id
ORDER BY grouped.score DESC, grouped.last_detected DESC, grouped.incident_id;

COMMENT ON VIEW vigil.incidents_open IS 'The incidents with anomalies to look at, the strangest first.';
COMMENT ON COLUMN vigil.incidents_open.incident IS 'Key of the incident, for vigil.incident_anomalies() and vigil.review_incident().';
COMMENT ON COLUMN vigil.incidents_open.severity IS 'Highest severity of its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.score IS 'Highest score of its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.open IS 'Its open anomalies.';
COMMENT ON COLUMN vigil.incidents_open.subjects IS 'What is strange, the strangest first.';
COMMENT ON COLUMN vigil.incidents_open.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.incidents_open.began IS 'How long ago its oldest open anomaly was first detected.';
COMMENT ON COLUMN vigil.incidents_open.latest IS 'How long ago one of them was last detected.';
