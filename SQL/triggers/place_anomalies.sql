-- With the rights of the owner: who writes anomalies may neither make nor merge incidents.
-- A repetition arrives as an INSERT that meets the open anomaly (ON CONFLICT): that one is placed
-- already, and nothing is to be done for the row that is thrown away.
CREATE FUNCTION vigil.place_anomaly()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    suppression vigil.suppressions;
BEGIN
    IF EXISTS (
        SELECT FROM vigil.anomalies AS open
        WHERE open.is_active AND open.subject_kind = NEW.subject_kind AND open.subject_id = NEW.subject_id
            AND open.anomaly_type = NEW.anomaly_type)
    THEN
        RETURN NEW;
    END IF;
    suppression := vigil.find_suppression(NEW);
    NEW.suppressed_by := suppression.id;
    NEW.suppressed_until := suppression.expires_at;
    IF NEW.community_id IS NULL THEN
        SELECT metrics.community_id INTO NEW.community_id
        FROM vigil.entity_metrics AS metrics
        WHERE metrics.entity_id = CASE NEW.subject_kind WHEN 'entity' THEN NEW.subject_id ELSE (
            SELECT relationship.source_entity_id FROM vigil.relationships AS relationship WHERE relationship.id = NEW.subject_id) END;
    END IF;
    IF NEW.incident_id IS NULL THEN
        NEW.incident_id := vigil.find_incident(NEW);
        NEW.assigned_to := coalesce(NEW.assigned_to, (
            SELECT incident.assigned_to FROM vigil.incidents AS incident WHERE incident.id = NEW.incident_id));
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.place_anomaly() IS 'Trigger function: a new anomaly falls under the suppressions in force and is put into its incident.';

CREATE TRIGGER anomalies_place
BEFORE INSERT ON vigil.anomalies
FOR EACH ROW
-- The second condition is NOT vigil.is_restoring(), without the call.
WHEN (NEW.is_active AND pg_catalog.current_setting('row_security') = 'on')
EXECUTE FUNCTION vigil.place_anomaly();

CREATE FUNCTION vigil.suppress_anew()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    suppression vigil.suppressions := vigil.find_suppression(NEW);
BEGIN
    IF suppression.id IS NULL AND OLD.suppressed_until > now() THEN
        PERFORM pg_notify('vigil_anomalies', NEW.id::text);
    END IF;
    NEW.suppressed_by := suppression.id;
    NEW.suppressed_until := suppression.expires_at;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.suppress_anew() IS 'Trigger function: an anomaly whose evidence has changed falls under other suppressions, or under none: then it is announced.';

CREATE TRIGGER anomalies_suppress_anew
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (
    NEW.is_active AND (
        NOT OLD.is_active OR NEW.indicators <> OLD.indicators OR NEW.anomaly_type <> OLD.anomaly_type
        OR NEW.subject_name IS DISTINCT FROM OLD.subject_name OR NEW.subject_type IS DISTINCT FROM OLD.subject_type))
EXECUTE FUNCTION vigil.suppress_anew();
