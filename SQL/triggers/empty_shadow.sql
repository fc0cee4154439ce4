-- With the rights of the owner: who switches models need not have a right to the scores. What a sidecar writes
-- meanwhile names the old pair, and neither vigil.model_compare nor its next judgement counts it.
CREATE FUNCTION vigil.empty_shadow()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT vigil.is_restoring() THEN
        DELETE FROM vigil.shadow_scores;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.empty_shadow() IS 'Trigger function: a comparison is between two models, and begins again when one of them changes.';

CREATE TRIGGER models_empty_shadow
AFTER UPDATE OF state ON vigil.models
FOR EACH ROW
WHEN (NEW.kind = 'ensemble' AND OLD.state <> NEW.state AND (OLD.state IN ('active', 'challenger') OR NEW.state IN ('active', 'challenger')))
EXECUTE FUNCTION vigil.empty_shadow();
