CREATE FUNCTION vigil.find_suppression(anomaly vigil.anomalies)
RETURNS vigil.suppressions
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found vigil.suppressions;
BEGIN
    SELECT suppression.* INTO found
    FROM (
        SELECT of_entity.* FROM vigil.suppressions AS of_entity
        WHERE anomaly.subject_kind = 'entity' AND of_entity.entity_id = anomaly.subject_id AND of_entity.lifted_at IS NULL
        UNION ALL
        SELECT of_relationship.* FROM vigil.suppressions AS of_relationship
        WHERE anomaly.subject_kind = 'relationship' AND of_relationship.relationship_id = anomaly.subject_id
            AND of_relationship.lifted_at IS NULL
        UNION ALL
        SELECT general.* FROM vigil.suppressions AS general
        WHERE general.entity_id IS NULL AND general.relationship_id IS NULL AND general.lifted_at IS NULL
            AND general.expires_at > now()
    ) AS suppression
    WHERE suppression.expires_at > now()
        AND (suppression.subject_type IS NULL OR suppression.subject_type = anomaly.subject_type)
        AND (suppression.anomaly_type IS NULL OR suppression.anomaly_type = anomaly.anomaly_type)
        AND (suppression.indicator IS NULL OR ARRAY[suppression.indicator] = anomaly.indicators)
        AND (suppression.name_pattern IS NULL OR anomaly.subject_name ILIKE suppression.name_pattern)
    ORDER BY suppression.expires_at DESC, suppression.id
    LIMIT 1;
    RETURN found;
END
$$;

COMMENT ON FUNCTION vigil.find_suppression(vigil.anomalies) IS 'The suppression in force that an anomaly falls under: of several the one that ends last; null if there is none.';
