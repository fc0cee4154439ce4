CREATE TABLE vigil.playbooks (
    name text PRIMARY KEY
        CHECK (name <> '' AND length(name) <= 63),
    description text NOT NULL DEFAULT ''
        CHECK (length(description) <= 2000),
    anomaly_type text
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    severity_min text
        CHECK (severity_min IN ('low', 'medium', 'high', 'critical')),
    indicator text
        CHECK (length(indicator) <= 200),
    subject_type text
        CHECK (length(subject_type) <= 200),
    steps jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE vigil.playbooks IS 'Which steps to take about an anomaly. Conditions that are null always hold; vigil.playbook_of() takes the most particular playbook whose conditions hold. Made by vigil.set_playbook(), removed by vigil.drop_playbook(), shown with an anomaly by vigil.checklist().';
COMMENT ON COLUMN vigil.playbooks.name IS 'Name of the playbook.';
COMMENT ON COLUMN vigil.playbooks.description IS 'What it is for.';
COMMENT ON COLUMN vigil.playbooks.anomaly_type IS 'Only for anomalies whose primary type is this one.';
COMMENT ON COLUMN vigil.playbooks.severity_min IS 'Only for anomalies of this severity or a higher one.';
COMMENT ON COLUMN vigil.playbooks.indicator IS 'Only for anomalies in which this indicator fired.';
COMMENT ON COLUMN vigil.playbooks.subject_type IS 'Only for anomalies of entities or relationships of this type.';
COMMENT ON COLUMN vigil.playbooks.steps IS 'The steps in their order, an array of objects: text, and if wanted link (https://...), task (the kind of a background task that the step starts) and webhook (the name of one that it calls).';
COMMENT ON COLUMN vigil.playbooks.updated_at IS 'When it was last changed.';
