INSERT INTO vigil.upkeep (task) VALUES
    ('history'), ('scores'), ('relationship scores'), ('metrics'), ('anomalies'), ('incidents'), ('suppressions'), ('audit'), ('models'), ('shadow scores'), ('epochs'),
    ('tasks'), ('reports'), ('renderings'), ('drift reports')
ON CONFLICT DO NOTHING;
