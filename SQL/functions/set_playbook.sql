CREATE FUNCTION vigil.set_playbook(
    name text, steps jsonb, anomaly_type text DEFAULT NULL, severity_min text DEFAULT NULL, indicator text DEFAULT NULL,
    subject_type text DEFAULT NULL, description text DEFAULT '')
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO vigil.playbooks (name, description, anomaly_type, severity_min, indicator, subject_type, steps)
    VALUES (name, description, anomaly_type, severity_min, indicator, subject_type, steps)
    ON CONFLICT ON CONSTRAINT playbooks_pkey DO UPDATE
    SET description = excluded.description, anomaly_type = excluded.anomaly_type, severity_min = excluded.severity_min,
        indicator = excluded.indicator, subject_type = excluded.subject_type, steps = excluded.steps;
$$;

COMMENT ON FUNCTION vigil.set_playbook(text, jsonb, text, text, text, text, text) IS 'Adds the playbook of this name, or changes it: SELECT vigil.set_playbook(''phishing'', ''[{"text": "Block the domain.", "webhook": "firewall"}]'', severity_min => ''high'', subject_type => ''domain'').';
