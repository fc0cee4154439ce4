CREATE INDEX anomalies_closed_idx ON vigil.anomalies (coalesce(resolved_at, last_detected)) WHERE NOT is_active;
