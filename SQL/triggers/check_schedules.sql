CREATE FUNCTION vigil.check_schedule()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone_name text;
    is_restored boolean;
BEGIN
    -- A dump carries every schedule, and those that Vigil comes with are there already. As vigil.is_restoring()
    -- has it, which not everybody who writes schedules may call.
    is_restored := TG_OP = 'INSERT' AND current_setting('row_security') = 'off';
    IF is_restored THEN
        DELETE FROM vigil.schedules AS shipped WHERE shipped.name = NEW.name;
        NEW.last_task_id := NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.cron, NEW.time_zone, NEW.kind, NEW.arguments, NEW.is_enabled)
        IS NOT DISTINCT FROM (OLD.cron, OLD.time_zone, OLD.kind, OLD.arguments, OLD.is_enabled)
    THEN
        RETURN NEW;
    END IF;
    -- Not POSIX rules such as UTC+3, whose sign means the opposite of what one takes it for.
    SELECT zone.name INTO zone_name FROM pg_timezone_names AS zone WHERE lower(zone.name) = lower(NEW.time_zone) ORDER BY zone.name LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no time zone %', coalesce(quote_literal(vigil.clean_label("left"(NEW.time_zone, 200))), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'See SELECT name FROM pg_timezone_names.';
    END IF;
    NEW.time_zone := zone_name;
    -- What the arguments name may be restored later.
    IF NOT is_restored THEN
        NEW.arguments := vigil.check_task_arguments(NEW.kind, NEW.arguments);
    END IF;
    IF TG_OP = 'INSERT' OR (NEW.cron, NEW.time_zone, NEW.is_enabled) IS DISTINCT FROM (OLD.cron, OLD.time_zone, OLD.is_enabled) THEN
        NEW.next_run_at := vigil.next_cron_time(NEW.cron, clock_timestamp(), NEW.time_zone);
        IF NEW.next_run_at IS NULL THEN
            RAISE EXCEPTION 'the cron expression % is never due', quote_literal(vigil.clean_label("left"(NEW.cron, 200)))
                USING ERRCODE = 'invalid_parameter_value', HINT = 'No month has such a day.';
        END IF;
    END IF;
    IF NOT NEW.is_enabled THEN
        NEW.next_run_at := NULL;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.check_schedule() IS 'Trigger function: a schedule has a cron expression, a time zone and arguments that can be understood; tells when it is due next.';

CREATE TRIGGER schedules_check
BEFORE INSERT OR UPDATE ON vigil.schedules
FOR EACH ROW
EXECUTE FUNCTION vigil.check_schedule();
