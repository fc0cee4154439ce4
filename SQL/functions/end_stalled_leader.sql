-- With the rights of the owner, for the leader may have come in under another name. It ends one session only:
-- the one that holds the lock of the writer, and only while the lease of that same session has run out.
CREATE FUNCTION vigil.end_stalled_leader()
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    stalled integer;
BEGIN
    SELECT lock.pid INTO stalled
    FROM pg_locks AS lock
    JOIN vigil.sidecars AS sidecar ON sidecar.backend_pid = lock.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
        -- "vigil" in ASCII, as the two halves of a bigint.
        AND lock.classid = 118 AND lock.objid = 1768384876
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND sidecar.role = 'leader' AND sidecar.lease_until < clock_timestamp();
    RETURN stalled IS NOT NULL AND pg_terminate_backend(stalled);
END
$$;

COMMENT ON FUNCTION vigil.end_stalled_leader() IS 'Ends the session of a leading sidecar whose lease has run out, and says whether there was one. A standby calls it before it takes over.';
