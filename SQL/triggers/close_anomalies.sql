-- The foreign keys of vigil.anomalies set the column to null when the subject is deleted; so the
-- anomaly is closed in the same transaction, and a delete without anomalies pays nothing.
CREATE FUNCTION vigil.close_anomaly()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.is_active := false;
    NEW.resolved_at := now();
    NEW.resolution := 'The ' || NEW.subject_kind || ' was deleted.';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.close_anomaly() IS 'Trigger function: closes the open anomalies of an entity or relationship that is deleted, and keeps the record.';

CREATE TRIGGER anomalies_close
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (
    OLD.is_active AND NEW.is_active AND (
        (OLD.entity_id IS NOT NULL AND NEW.entity_id IS NULL)
        OR (OLD.relationship_id IS NOT NULL AND NEW.relationship_id IS NULL)))
EXECUTE FUNCTION vigil.close_anomaly();
