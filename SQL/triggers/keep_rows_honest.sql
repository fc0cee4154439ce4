CREATE FUNCTION vigil.touch_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.touch_updated_at() IS 'Trigger function: sets updated_at in an update that does not set it.';

CREATE FUNCTION vigil.refuse_key_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the id of a row of vigil.% cannot be changed (% to %)', TG_TABLE_NAME, OLD.id, NEW.id
        USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'Delete the row and insert another one.';
END
$$;

COMMENT ON FUNCTION vigil.refuse_key_change() IS 'Trigger function: ids stay, for history, scores and anomalies refer to them.';

CREATE TRIGGER entities_touch_updated_at
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();

CREATE TRIGGER entities_refuse_key_change
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.id <> OLD.id)
EXECUTE FUNCTION vigil.refuse_key_change();

CREATE TRIGGER relationships_touch_updated_at
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();

CREATE TRIGGER relationships_refuse_key_change
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.id <> OLD.id)
EXECUTE FUNCTION vigil.refuse_key_change();

CREATE TRIGGER anomalies_touch_updated_at
BEFORE UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (NEW.updated_at = OLD.updated_at)
EXECUTE FUNCTION vigil.touch_updated_at();
