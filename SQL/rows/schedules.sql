INSERT INTO vigil.schedules (name, cron, kind, arguments) VALUES
    ('daily report', '0 6 * * *', 'daily_report', '{}'),
    ('daily drift check', '30 5 * * *', 'drift', '{}'),
    ('weekly training', '30 2 * * sun', 'retrain', '{"skip_if_too_few": true}')
ON CONFLICT DO NOTHING;
