CREATE FUNCTION vigil.check_indicator()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fault text;
BEGIN
    -- A dump is taken as it comes: the types that a condition names may come after it.
    IF vigil.is_restoring() THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.scope = OLD.scope AND NEW.condition = OLD.condition THEN
        RETURN NEW;
    END IF;
    fault := vigil.find_condition_fault(NEW.scope, NEW.condition);
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'indicator %: %', vigil.clean_label(NEW.name), fault
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('SELECT * FROM vigil.indicator_measures WHERE scope = %L lists what a condition may name.', vigil.clean_label(NEW.scope));
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.check_indicator() IS 'Trigger function: refuses an indicator whose condition the detector could not read, and names what is wrong.';

-- Before indicators_merge, by its name: what is refused replaces nothing.
CREATE TRIGGER indicators_check
BEFORE INSERT OR UPDATE ON vigil.indicators
FOR EACH ROW
EXECUTE FUNCTION vigil.check_indicator();
