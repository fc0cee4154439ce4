-- With the rights of the owner, for nobody else writes these tables.
CREATE FUNCTION vigil.drop_old_tasks(OUT tasks bigint, OUT reports bigint, OUT renderings bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
    DELETE FROM vigil.tasks AS task
    WHERE task.finished_at < now() - (vigil.get_setting('task_retention_days'))::double precision * interval '1 day';
    GET DIAGNOSTICS tasks = ROW_COUNT;
    DELETE FROM vigil.reports AS report
    WHERE report.created_at < now() - (vigil.get_setting('report_retention_days'))::double precision * interval '1 day';
    GET DIAGNOSTICS reports = ROW_COUNT;
    DELETE FROM vigil.renderings AS rendering
    WHERE rendering.drawn_at < now() - (vigil.get_setting('rendering_retention_days'))::double precision * interval '1 day';
    GET DIAGNOSTICS renderings = ROW_COUNT;
END
$$;

COMMENT ON FUNCTION vigil.drop_old_tasks() IS 'Removes tasks that ended longer ago than the setting task_retention_days, reports older than report_retention_days and pictures older than rendering_retention_days. Returns how many of each.';
