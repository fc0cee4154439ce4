CREATE FUNCTION vigil.record_entity_updates()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (observed_at, kind, operation, subject_id, confidence, risk_score, confidence_before, risk_before)
    SELECT
        CASE WHEN after.last_seen <> before.last_seen THEN least(after.last_seen, now()) ELSE now() END,
        'e', 'U', after.id, after.confidence, after.risk_score, before.confidence, before.risk_score
    FROM new_rows AS after
    JOIN old_rows AS before USING (id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_entity_updates() IS 'Trigger function: records each updated entity in vigil.observation_history.';

CREATE TRIGGER entities_record_updates
AFTER UPDATE ON vigil.entities
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_entity_updates();

CREATE FUNCTION vigil.record_relationship_updates()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (observed_at, kind, operation, subject_id, confidence, weight, confidence_before, weight_before)
    SELECT
        CASE WHEN after.last_observed <> before.last_observed THEN least(after.last_observed, now()) ELSE now() END,
        'r', 'U', after.id, after.confidence, after.weight, before.confidence, before.weight
    FROM new_rows AS after
    JOIN old_rows AS before USING (id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_relationship_updates() IS 'Trigger function: records each updated relationship in vigil.observation_history.';

CREATE TRIGGER relationships_record_updates
AFTER UPDATE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_relationship_updates();

CREATE FUNCTION vigil.record_entity_deletes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (kind, operation, subject_id, confidence_before, risk_before)
    SELECT 'e', 'D', id, confidence, risk_score
    FROM old_rows;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_entity_deletes() IS 'Trigger function: records each deleted entity in vigil.observation_history.';

CREATE TRIGGER entities_record_deletes
AFTER DELETE ON vigil.entities
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_entity_deletes();

CREATE FUNCTION vigil.record_relationship_deletes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO vigil.observation_history
        (kind, operation, subject_id, source_entity_id, target_entity_id, confidence_before, weight_before)
    SELECT 'r', 'D', id, source_entity_id, target_entity_id, confidence, weight
    FROM old_rows;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_relationship_deletes() IS 'Trigger function: records each deleted relationship in vigil.observation_history.';

CREATE TRIGGER relationships_record_deletes
AFTER DELETE ON vigil.relationships
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_relationship_deletes();
