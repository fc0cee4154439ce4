CREATE INDEX observation_history_recorded_at_idx ON vigil.observation_history USING brin (recorded_at);
