CREATE FUNCTION vigil.record_truncation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.append_epoch('TRUNCATE ' || TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_truncation() IS 'Trigger function: a TRUNCATE starts a new epoch.';

CREATE TRIGGER entities_record_truncation
AFTER TRUNCATE ON vigil.entities
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER relationships_record_truncation
AFTER TRUNCATE ON vigil.relationships
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();

CREATE TRIGGER observation_history_record_truncation
AFTER TRUNCATE ON vigil.observation_history
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.record_truncation();
