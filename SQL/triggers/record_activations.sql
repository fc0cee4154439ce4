CREATE FUNCTION vigil.record_activation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- vigil.rollback_model() has taken the later activations back before: then this one stands already.
    IF NOT vigil.is_restoring() AND NEW.version IS DISTINCT FROM (
        SELECT activation.version FROM vigil.model_activations AS activation
        WHERE activation.kind = NEW.kind AND activation.rolled_back_at IS NULL
        ORDER BY activation.id DESC LIMIT 1)
    THEN
        INSERT INTO vigil.model_activations (kind, version, activated_by) VALUES (NEW.kind, NEW.version, vigil.acting_person());
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.record_activation() IS 'Trigger function: remembers which model was made active, for vigil.rollback_model().';

CREATE TRIGGER models_record_activation
AFTER INSERT OR UPDATE OF state ON vigil.models
FOR EACH ROW
WHEN (NEW.state = 'active')
EXECUTE FUNCTION vigil.record_activation();
