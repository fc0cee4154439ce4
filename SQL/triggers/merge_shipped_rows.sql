-- CREATE EXTENSION puts the shipped rows in place before a dump is restored into the same tables; so
-- rows of the dump are merged into them instead of failing.
CREATE FUNCTION vigil.merge_entity_type()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.entity_types SET description = NEW.description, shape = NEW.shape, numeric_metadata = NEW.numeric_metadata
    WHERE type = NEW.type AND code = NEW.code;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END
$$;

COMMENT ON FUNCTION vigil.merge_entity_type() IS 'Trigger function: a row with the type and the code of an existing one, as a dump has it, updates that one.';

CREATE TRIGGER entity_types_merge
BEFORE INSERT ON vigil.entity_types
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_entity_type();

CREATE FUNCTION vigil.merge_relationship_type()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE vigil.relationship_types SET description = NEW.description, is_rating = NEW.is_rating
    WHERE type = NEW.type AND code = NEW.code;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END
$$;

COMMENT ON FUNCTION vigil.merge_relationship_type() IS 'Trigger function: a row with the type and the code of an existing one, as a dump has it, updates that one.';

CREATE TRIGGER relationship_types_merge
BEFORE INSERT ON vigil.relationship_types
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_relationship_type();

CREATE FUNCTION vigil.merge_indicator()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE vigil.indicators
        SET anomaly_type = NEW.anomaly_type, scope = NEW.scope, condition = NEW.condition, weight = NEW.weight,
            description = NEW.description, recommendation = NEW.recommendation,
            is_enabled = NEW.is_enabled, version = greatest(version, NEW.version)
        WHERE name = NEW.name;
        RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
    END IF;
    IF NEW IS DISTINCT FROM OLD AND NEW.version = OLD.version THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.merge_indicator() IS 'Trigger function: an insert with the name of an existing indicator, as a dump has it, replaces that one; an update raises its version.';

CREATE TRIGGER indicators_merge
BEFORE INSERT OR UPDATE ON vigil.indicators
FOR EACH ROW
EXECUTE FUNCTION vigil.merge_indicator();
