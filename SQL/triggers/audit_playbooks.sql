CREATE TRIGGER playbooks_audit
AFTER INSERT OR DELETE ON vigil.playbooks
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('playbook', 'name');

CREATE TRIGGER playbooks_audit_updates
AFTER UPDATE ON vigil.playbooks
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('playbook', 'name');

-- That progress goes with its anomaly is nobody's decision.
CREATE TRIGGER playbook_progress_audit
AFTER INSERT OR UPDATE ON vigil.playbook_progress
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('checklist', 'anomaly_id');
