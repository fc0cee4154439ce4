CREATE TABLE vigil.sidecars (
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'starting',
    version text NOT NULL DEFAULT '',
    node_count bigint,
    edge_count bigint,
    model_version text,
    graph_epoch bigint,
    counters jsonb NOT NULL DEFAULT '{}',
    role text NOT NULL DEFAULT 'leader'
        CHECK (role IN ('leader', 'standby')),
    backend_pid integer,
    lease_until timestamptz,
    PRIMARY KEY (host, pid)
) WITH (fillfactor = 50);

COMMENT ON TABLE vigil.sidecars IS 'One row for each sidecar process that has worked on this database.';
COMMENT ON COLUMN vigil.sidecars.host IS 'Machine that it runs on.';
COMMENT ON COLUMN vigil.sidecars.pid IS 'Process id on that machine.';
COMMENT ON COLUMN vigil.sidecars.started_at IS 'When it was started.';
COMMENT ON COLUMN vigil.sidecars.heartbeat_at IS 'When it last gave a sign of life.';
COMMENT ON COLUMN vigil.sidecars.state IS 'What it is doing: starting, loading, following, stopped and the like.';
COMMENT ON COLUMN vigil.sidecars.version IS 'Its version.';
COMMENT ON COLUMN vigil.sidecars.node_count IS 'Entities in its graph.';
COMMENT ON COLUMN vigil.sidecars.edge_count IS 'Relationships in its graph.';
COMMENT ON COLUMN vigil.sidecars.model_version IS 'The model that it scores with; null: rules only.';
COMMENT ON COLUMN vigil.sidecars.graph_epoch IS 'State of its graph.';
COMMENT ON COLUMN vigil.sidecars.counters IS 'Its counters, as JSON.';
COMMENT ON COLUMN vigil.sidecars.role IS 'leader: it judges and writes; standby: it follows warm and takes over when the leader is gone.';
COMMENT ON COLUMN vigil.sidecars.backend_pid IS 'The server process of its feed; a leader''s holds the lock of the one writer.';
COMMENT ON COLUMN vigil.sidecars.lease_until IS 'Until when the leader is taken to be well, by the clock of the database; after it a standby ends its session and takes over. Null for a standby.';
