-- With the rights of the owner: neither the sidecar nor an administrator may delete what people decided,
-- and here they only carry out the settings, at the present time.
CREATE FUNCTION vigil.run_upkeep(rows_max integer DEFAULT 5000)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
RETURN vigil.upkeep_batch(now(), rows_max);

COMMENT ON FUNCTION vigil.run_upkeep(integer) IS 'One small step of the upkeep: removes what has outlived its setting (history_retention_months, anomaly_retention_days, audit_retention_days, retired_models_kept, shadow_retention_days, task_retention_days, report_retention_days, rendering_retention_days, drift_retention_days) and scores and metrics of entities that are gone, at most so many rows. Returns whether there was something to do; call it until it returns false. The sidecar does so once a day, and a task of kind maintenance at once.';
