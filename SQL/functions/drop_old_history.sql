CREATE FUNCTION vigil.drop_old_history()
RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
RETURN vigil.drop_history(now(), 9223372036854775807);

COMMENT ON FUNCTION vigil.drop_old_history() IS 'Removes observations recorded longer ago than the setting history_retention_months. Returns how many. Never waits longer than a second for a lock. vigil.run_upkeep() does it too, in small steps.';
