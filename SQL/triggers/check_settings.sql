CREATE FUNCTION vigil.check_setting()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected text := jsonb_typeof(NEW.default_value);
BEGIN
    -- A dump carries every setting, and they are all there already: take over the value.
    IF TG_OP = 'INSERT' THEN
        UPDATE vigil.settings SET value = NEW.value, updated_at = NEW.updated_at
        WHERE name = NEW.name AND value IS DISTINCT FROM NEW.value;
        IF NOT EXISTS (SELECT FROM vigil.settings WHERE name = NEW.name) THEN
            RAISE EXCEPTION 'there is no setting "%"', NEW.name
                USING ERRCODE = 'undefined_object', HINT = 'See SELECT name FROM vigil.settings.';
        END IF;
        RETURN NULL;
    END IF;
    IF (NEW.name, NEW.default_value, NEW.unit, NEW.minimum, NEW.maximum, NEW.description)
        IS DISTINCT FROM (OLD.name, OLD.default_value, OLD.unit, OLD.minimum, OLD.maximum, OLD.description)
    THEN
        RAISE EXCEPTION 'of the setting "%", only the value can be changed', OLD.name
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF jsonb_typeof(NEW.value) <> expected THEN
        RAISE EXCEPTION 'setting "%" takes a %, not %', NEW.name, expected, NEW.value
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('Its default is %s.', NEW.default_value);
    END IF;
    IF expected = 'number' AND NOT (
        (NEW.value)::numeric >= coalesce(NEW.minimum, '-Infinity')
        AND (NEW.value)::numeric <= coalesce(NEW.maximum, 'Infinity'))
    THEN
        RAISE EXCEPTION 'setting "%" must be from % to %, not %', NEW.name,
                coalesce(NEW.minimum::text, 'any number'), coalesce(NEW.maximum::text, 'any number'), NEW.value
            USING ERRCODE = 'numeric_value_out_of_range',
                HINT = format('Its default is %s %s.', NEW.default_value, NEW.unit);
    END IF;
    IF NEW.name = 'drift_action' AND NEW.value NOT IN ('"report"', '"alarm"', '"retrain"') THEN
        RAISE EXCEPTION 'setting "drift_action" cannot be %', NEW.value
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is "report", "alarm" or "retrain".';
    END IF;
    IF NEW.name = 'picture_labels' AND NEW.value NOT IN ('"all"', '"analyst"', '"admin"') THEN
        RAISE EXCEPTION 'setting "picture_labels" cannot be %', NEW.value
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is "all", "analyst" or "admin".';
    END IF;
    IF (NEW.name = 'alert_budget_per_day' AND NEW.value > '0' AND (vigil.get_setting('false_discovery_rate')) > '0')
        OR (NEW.name = 'false_discovery_rate' AND NEW.value > '0' AND (vigil.get_setting('alert_budget_per_day')) > '0')
    THEN
        RAISE EXCEPTION 'an alert budget and a false-discovery rate cannot hold together'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = format('Set %s to 0 first.', CASE NEW.name WHEN 'false_discovery_rate' THEN 'alert_budget_per_day' ELSE 'false_discovery_rate' END);
    END IF;
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF NEW.name = 'feed_arm' AND NEW.value = 'false' THEN
        PERFORM vigil.arm_feed(false);
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.check_setting() IS 'Trigger function: a new value of a setting has the type of its default and is within its range; settings are neither added nor redefined.';

CREATE TRIGGER settings_check
BEFORE INSERT OR UPDATE ON vigil.settings
FOR EACH ROW
EXECUTE FUNCTION vigil.check_setting();
