CREATE FUNCTION vigil.notify_configuration()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('vigil_configuration', TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.notify_configuration() IS 'Trigger function: tells the sidecar that this table has changed.';

CREATE TRIGGER settings_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.settings
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER indicators_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.indicators
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER models_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.models
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER entity_types_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.entity_types
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER relationship_types_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.relationship_types
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();

CREATE TRIGGER reviews_notify
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vigil.reviews
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.notify_configuration();
