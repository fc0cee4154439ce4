INSERT INTO vigil.schedules (name, cron, kind, arguments) VALUES
    ('daily report', '0 6 * * *', 'daily_report', '{}'),
    ('weekly training', '30 2 * * sun', 'retrain', '{"skip_if_too_few": true}')
ON CONFLICT DO NOTHING;
