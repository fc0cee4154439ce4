CREATE FUNCTION vigil.delete_model(version text, OUT deleted text, OUT kind text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM vigil.models AS model WHERE model.version = delete_model.version
    RETURNING model.version, model.kind INTO deleted, delete_model.kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no model %', coalesce(quote_literal(vigil.clean_label("left"(delete_model.version, 200))), 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.model_status.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.delete_model(text) IS 'Deletes a model that is not in use, with its place on the way that vigil.rollback_model() goes. One that is active or the challenger is refused. Anomalies that it found keep its version, and can no longer be replayed.';
