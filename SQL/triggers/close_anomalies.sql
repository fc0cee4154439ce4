-- In the writer's own transaction, with the rights of the owner: who deletes an entity has none on
-- anomalies. One statement for all deleted rows, always by the index: a plan made while there were
-- few anomalies must not read a million of them for one row.
CREATE FUNCTION vigil.close_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    kind CONSTANT text := TG_ARGV[0];
BEGIN
    UPDATE vigil.anomalies AS anomaly
    SET entity_id = NULL, relationship_id = NULL, is_active = false,
        resolved_at = CASE WHEN anomaly.is_active THEN now() ELSE anomaly.resolved_at END,
        resolution = CASE WHEN anomaly.is_active THEN 'The ' || kind || ' was deleted.' ELSE anomaly.resolution END
    FROM old_rows
    WHERE anomaly.subject_kind = kind AND anomaly.subject_id = old_rows.id
        AND (anomaly.is_active OR anomaly.entity_id IS NOT NULL OR anomaly.relationship_id IS NOT NULL);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.close_anomalies() IS 'Trigger function: closes the open anomalies of entities or relationships that are deleted, and keeps the record.';

CREATE TRIGGER entities_close_anomalies
AFTER DELETE ON vigil.entities
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_anomalies('entity');

CREATE TRIGGER relationships_close_anomalies
AFTER DELETE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_anomalies('relationship');

CREATE FUNCTION vigil.close_all_anomalies()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind CONSTANT text := TG_ARGV[0];
BEGIN
    UPDATE vigil.anomalies AS anomaly
    SET entity_id = NULL, relationship_id = NULL, is_active = false,
        resolved_at = CASE WHEN anomaly.is_active THEN now() ELSE anomaly.resolved_at END,
        resolution = CASE WHEN anomaly.is_active THEN 'The ' || kind || ' was removed by TRUNCATE.' ELSE anomaly.resolution END
    WHERE anomaly.subject_kind = kind
        AND (anomaly.is_active OR anomaly.entity_id IS NOT NULL OR anomaly.relationship_id IS NOT NULL);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.close_all_anomalies() IS 'Trigger function: closes all open anomalies of entities or relationships when their table is truncated, and keeps the record.';

CREATE TRIGGER entities_close_all_anomalies
AFTER TRUNCATE ON vigil.entities
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_all_anomalies('entity');

CREATE TRIGGER relationships_close_all_anomalies
AFTER TRUNCATE ON vigil.relationships
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.close_all_anomalies('relationship');
