CREATE TRIGGER schedules_audit
AFTER INSERT OR DELETE ON vigil.schedules
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('schedule', 'name');

CREATE TRIGGER schedules_audit_updates
AFTER UPDATE ON vigil.schedules
FOR EACH ROW
WHEN ((OLD.name, OLD.cron, OLD.time_zone, OLD.kind, OLD.arguments, OLD.priority, OLD.is_enabled, OLD.catch_up_within)
    IS DISTINCT FROM (NEW.name, NEW.cron, NEW.time_zone, NEW.kind, NEW.arguments, NEW.priority, NEW.is_enabled, NEW.catch_up_within))
EXECUTE FUNCTION vigil.audit_decision('schedule', 'name');
