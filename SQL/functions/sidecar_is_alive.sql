CREATE FUNCTION vigil.sidecar_is_alive(heartbeat_at timestamptz, state text DEFAULT '')
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN sidecar_is_alive.state <> 'stopped'
    AND sidecar_is_alive.heartbeat_at
        > clock_timestamp() - 3 * (vigil.get_setting('heartbeat_seconds'))::double precision * interval '1 second';

COMMENT ON FUNCTION vigil.sidecar_is_alive(timestamptz, text) IS 'Whether a sidecar with this last sign of life and this state counts as alive: it has missed less than three heartbeats.';
