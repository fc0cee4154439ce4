-- Whoever deletes, the owner included.
CREATE FUNCTION vigil.keep_model()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used vigil.models;
BEGIN
    IF TG_OP = 'DELETE' THEN
        used := OLD;
    ELSE
        SELECT * INTO used FROM vigil.models AS model WHERE model.state IN ('active', 'challenger') ORDER BY model.state, model.kind LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'model % is %, and cannot be deleted', quote_literal(vigil.clean_label("left"(used.version, 200))),
            CASE used.state WHEN 'active' THEN 'the active one' ELSE 'the challenger' END
        USING ERRCODE = 'object_in_use', HINT = CASE used.state
            WHEN 'active' THEN 'Make another one active first: vigil.activate_model(), vigil.rollback_model().'
            ELSE 'End the challenge first: vigil.dismiss_challenger().' END;
END
$$;

COMMENT ON FUNCTION vigil.keep_model() IS 'Trigger function: nobody deletes a model that is in use.';

CREATE TRIGGER models_keep
BEFORE DELETE ON vigil.models
FOR EACH ROW
WHEN (OLD.state IN ('active', 'challenger'))
EXECUTE FUNCTION vigil.keep_model();

CREATE TRIGGER models_keep_all
BEFORE TRUNCATE ON vigil.models
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.keep_model();
