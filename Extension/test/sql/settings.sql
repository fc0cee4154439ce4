SET SESSION AUTHORIZATION regress_vigil_owner;
SELECT name, value, unit, minimum, maximum FROM vigil.settings ORDER BY name COLLATE "C";
SELECT count(*) FROM vigil.settings WHERE value <> default_value OR description = '';
UPDATE vigil.settings SET value = '0.6' WHERE name = 'anomaly_threshold' RETURNING value, updated_at = now() AS is_now;
SELECT vigil.get_setting('anomaly_threshold');
UPDATE vigil.settings SET value = '"high"' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = 'null' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = '1.5' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = '1' WHERE name = 'feed_arm';
UPDATE vigil.settings SET default_value = '0.1' WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET name = 'threshold' WHERE name = 'anomaly_threshold';
INSERT INTO vigil.settings (name, value, default_value, description) VALUES ('anomaly_treshold', '1', '1', 'a slip of the pen');
SELECT vigil.get_setting('anomaly_treshold');
-- As in a restore: the row of the dump is merged into the one that is there.
INSERT INTO vigil.settings (name, value, default_value, description) VALUES ('anomaly_threshold', '0.7', '0.5', '');
SELECT value, default_value FROM vigil.settings WHERE name = 'anomaly_threshold';
UPDATE vigil.settings SET value = default_value WHERE name = 'anomaly_threshold';
-- A change is announced.
\setenv PGDATABASE :DBNAME
\! "$(${PG_CONFIG:-pg_config} --bindir)/psql" -X -q -c 'LISTEN vigil_configuration' -c "UPDATE vigil.settings SET value = '90' WHERE name = 'dormancy_days'" -c "UPDATE vigil.settings SET value = default_value" -c "UPDATE vigil.indicators SET is_enabled = is_enabled" -c "DELETE FROM vigil.models" | sed 's/ received from.*//'
RESET SESSION AUTHORIZATION;
