CREATE FUNCTION vigil.entity_anomalies(entity_id bigint, page_size integer DEFAULT 100)
RETURNS SETOF vigil.anomaly_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM vigil.entities WHERE id = entity_anomalies.entity_id)
        AND NOT EXISTS (SELECT FROM vigil.anomalies WHERE subject_kind = 'entity' AND subject_id = entity_anomalies.entity_id)
    THEN
        RAISE EXCEPTION 'there is no entity %', coalesce(entity_anomalies.entity_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Find its id with SELECT id, type, name, value FROM vigil.entities.';
    END IF;
    RETURN QUERY
    SELECT anomaly.id, anomaly.severity, round(anomaly.anomaly_score::numeric, 2), anomaly.anomaly_type,
        vigil.name_subject(anomaly.entity_id, anomaly.relationship_id, anomaly.subject_kind, anomaly.subject_id, anomaly.subject_type, anomaly.subject_name, 20),
        vigil.anomaly_state(anomaly.is_active, anomaly.resolved_at, anomaly.suppressed_until, anomaly.reviewed),
        vigil.format_age(anomaly.last_detected)
    FROM (
        SELECT own.id FROM vigil.anomalies AS own
        WHERE own.subject_kind = 'entity' AND own.subject_id = entity_anomalies.entity_id
        UNION
        SELECT found.id
        FROM vigil.relationships AS relationship
        JOIN vigil.anomalies AS found ON found.subject_kind = 'relationship' AND found.subject_id = relationship.id
        WHERE relationship.source_entity_id = entity_anomalies.entity_id OR relationship.target_entity_id = entity_anomalies.entity_id
    ) AS of_it
    JOIN vigil.anomalies AS anomaly ON anomaly.id = of_it.id
    ORDER BY anomaly.is_active DESC, anomaly.last_detected DESC, anomaly.id DESC
    LIMIT entity_anomalies.page_size;
END
$$;

COMMENT ON FUNCTION vigil.entity_anomalies(bigint, integer) IS 'All anomalies of an entity and of its relationships: the open ones first, then the newest.';
