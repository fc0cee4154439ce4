CREATE VIEW vigil.anomaly_detail WITH (security_invoker = true) AS
SELECT
    anomaly.id,
    anomaly.severity,
    anomaly.anomaly_score,
    anomaly.peak_score,
    anomaly.p_value,
    anomaly.confidence,
    anomaly.anomaly_type,
    anomaly.all_types,
    anomaly.subject_kind,
    anomaly.subject_id,
    anomaly.subject_type,
    vigil.clean_label(coalesce(entity.name, entity.value, anomaly.subject_name), 200) AS subject_name,
    vigil.clean_label(coalesce(source_entity.name, source_entity.value), 200) AS source_name,
    vigil.clean_label(coalesce(target_entity.name, target_entity.value), 200) AS target_name,
    anomaly.description,
    anomaly.indicators,
    anomaly.recommendations,
    anomaly.first_detected,
    anomaly.last_detected,
    anomaly.occurrences,
    anomaly.is_active AND anomaly.resolved_at IS NULL AS is_open,
    vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed) AS state,
    CASE WHEN anomaly.is_active AND anomaly.suppressed_until > now() THEN anomaly.suppressed_until END AS suppressed_until,
    CASE WHEN anomaly.is_active AND anomaly.suppressed_until > now() THEN suppression.reason END AS suppression_reason,
    coalesce(incident.merged_into, incident.id) AS incident_id,
    anomaly.resolved_at,
    anomaly.resolution,
    anomaly.verdict,
    anomaly.reviewed_by,
    anomaly.reviewed_at,
    anomaly.review_notes,
    anomaly.assigned_to,
    anomaly.detection_method,
    anomaly.model_version,
    anomaly.graph_epoch,
    vigil.explain_anomaly(anomaly.id) AS explanation,
    anomaly.reopened,
    anomaly.reopened_at,
    vigil.playbook_of(anomaly.id) AS playbook
FROM vigil.anomalies AS anomaly
LEFT JOIN vigil.entities AS entity ON entity.id = anomaly.entity_id
LEFT JOIN vigil.suppressions AS suppression ON suppression.id = anomaly.suppressed_by
LEFT JOIN vigil.incidents AS incident ON incident.id = anomaly.incident_id
LEFT JOIN vigil.relationships AS relationship ON relationship.id = anomaly.relationship_id
LEFT JOIN vigil.entities AS source_entity ON source_entity.id = relationship.source_entity_id
LEFT JOIN vigil.entities AS target_entity ON target_entity.id = relationship.target_entity_id;

COMMENT ON VIEW vigil.anomaly_detail IS E'Everything about an anomaly, with names and the explanation. Read one with \\x and WHERE id = ''...''.';
COMMENT ON COLUMN vigil.anomaly_detail.id IS 'Key of the anomaly.';
COMMENT ON COLUMN vigil.anomaly_detail.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomaly_detail.anomaly_score IS 'Newest score.';
COMMENT ON COLUMN vigil.anomaly_detail.peak_score IS 'Highest score so far.';
COMMENT ON COLUMN vigil.anomaly_detail.p_value IS 'Tail probability behind the score.';
COMMENT ON COLUMN vigil.anomaly_detail.confidence IS 'How far the answer can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.anomaly_detail.anomaly_type IS 'Primary type.';
COMMENT ON COLUMN vigil.anomaly_detail.all_types IS 'Every type that holds.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_kind IS 'entity or relationship.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_id IS 'Id of the subject.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_type IS 'Type of the subject.';
COMMENT ON COLUMN vigil.anomaly_detail.subject_name IS 'Name of the subject: the present one, else the one at detection.';
COMMENT ON COLUMN vigil.anomaly_detail.source_name IS 'Of a relationship: name of the entity it starts from.';
COMMENT ON COLUMN vigil.anomaly_detail.target_name IS 'Of a relationship: name of the entity it leads to.';
COMMENT ON COLUMN vigil.anomaly_detail.description IS 'What is strange, in one sentence.';
COMMENT ON COLUMN vigil.anomaly_detail.indicators IS 'Names of the indicators that held.';
COMMENT ON COLUMN vigil.anomaly_detail.recommendations IS 'Next steps for an analyst.';
COMMENT ON COLUMN vigil.anomaly_detail.first_detected IS 'When it was first detected.';
COMMENT ON COLUMN vigil.anomaly_detail.last_detected IS 'When it was last detected.';
COMMENT ON COLUMN vigil.anomaly_detail.occurrences IS 'How often it has been detected.';
COMMENT ON COLUMN vigil.anomaly_detail.is_open IS 'Neither resolved nor closed.';
COMMENT ON COLUMN vigil.anomaly_detail.state IS 'open, reviewed, suppressed or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.suppressed_until IS 'Until when it is suppressed; null if it is not.';
COMMENT ON COLUMN vigil.anomaly_detail.suppression_reason IS 'Why it is suppressed.';
COMMENT ON COLUMN vigil.anomaly_detail.incident_id IS 'The incident that it is a part of.';
COMMENT ON COLUMN vigil.anomaly_detail.resolved_at IS 'When it was resolved or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.resolution IS 'Why it was resolved or closed.';
COMMENT ON COLUMN vigil.anomaly_detail.verdict IS 'Verdict of the review; null before one.';
COMMENT ON COLUMN vigil.anomaly_detail.reviewed_by IS 'Who judged it.';
COMMENT ON COLUMN vigil.anomaly_detail.reviewed_at IS 'When they judged it.';
COMMENT ON COLUMN vigil.anomaly_detail.review_notes IS 'What they noted.';
COMMENT ON COLUMN vigil.anomaly_detail.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.anomaly_detail.detection_method IS 'Which detectors found it.';
COMMENT ON COLUMN vigil.anomaly_detail.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.anomaly_detail.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.anomaly_detail.explanation IS 'The text of vigil.explain_anomaly().';
COMMENT ON COLUMN vigil.anomaly_detail.reopened IS 'How often its cause has returned after it was resolved by itself.';
COMMENT ON COLUMN vigil.anomaly_detail.reopened_at IS 'When its cause last returned.';
COMMENT ON COLUMN vigil.anomaly_detail.playbook IS 'The playbook that says what to do; its steps are in vigil.checklist().';
