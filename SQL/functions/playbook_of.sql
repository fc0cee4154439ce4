CREATE FUNCTION vigil.playbook_of(id uuid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT playbook.name
    FROM vigil.anomalies AS anomaly
    JOIN vigil.playbooks AS playbook
        ON (playbook.indicator IS NULL OR playbook.indicator = ANY (anomaly.indicators))
        AND (playbook.subject_type IS NULL OR playbook.subject_type = anomaly.subject_type)
        AND (playbook.anomaly_type IS NULL OR playbook.anomaly_type = anomaly.anomaly_type)
        AND (playbook.severity_min IS NULL
            OR array_position('{low,medium,high,critical}', playbook.severity_min) <= array_position('{low,medium,high,critical}', anomaly.severity))
    WHERE anomaly.id = playbook_of.id
    ORDER BY playbook.indicator IS NULL, playbook.subject_type IS NULL, playbook.anomaly_type IS NULL,
        array_position('{low,medium,high,critical}', playbook.severity_min) DESC NULLS LAST, playbook.name
    LIMIT 1;
$$;

COMMENT ON FUNCTION vigil.playbook_of(uuid) IS 'The playbook of an anomaly: of those whose conditions hold one that asks for an indicator, else for the type of the subject, else for the type of the anomaly, else for the highest severity. Null where none fits.';
