INSERT INTO vigil.upkeep (task) VALUES
    ('history'), ('scores'), ('metrics'), ('anomalies'), ('incidents'), ('suppressions'), ('audit'), ('models'), ('epochs')
ON CONFLICT DO NOTHING;
