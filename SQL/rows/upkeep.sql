INSERT INTO vigil.upkeep (task) VALUES
    ('history'), ('scores'), ('metrics'), ('anomalies'), ('incidents'), ('suppressions'), ('audit'), ('models'), ('epochs'),
    ('tasks'), ('reports'), ('renderings')
ON CONFLICT DO NOTHING;
