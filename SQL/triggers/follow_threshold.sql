-- With the rights of the owner: whoever may change a setting computes what follows from it.
CREATE FUNCTION vigil.follow_threshold()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vigil.adjust_threshold();
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.follow_threshold() IS 'Trigger function: an alert budget or a false-discovery rate holds as soon as it is set.';

CREATE TRIGGER settings_follow_threshold
AFTER UPDATE ON vigil.settings
FOR EACH ROW
WHEN (NEW.name IN ('alert_budget_per_day', 'false_discovery_rate') AND NEW.value IS DISTINCT FROM OLD.value)
EXECUTE FUNCTION vigil.follow_threshold();
