ALTER TABLE vigil.sidecars ADD COLUMN role text NOT NULL DEFAULT 'leader'
    CHECK (role IN ('leader', 'standby'));
ALTER TABLE vigil.sidecars ADD COLUMN backend_pid integer;
ALTER TABLE vigil.sidecars ADD COLUMN lease_until timestamptz;
