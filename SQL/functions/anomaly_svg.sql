-- A task that a function files is seen by nobody before the function's transaction ends, and so could
-- not be waited for. Advisory locks and sequences are seen at once: the locks say what is wanted, the
-- sequence that somebody wants something. A subtransaction that is always rolled back lets go of the locks.
CREATE FUNCTION vigil.anomaly_svg(id uuid, hops integer DEFAULT 1, nodes integer DEFAULT 60, timeout_milliseconds integer DEFAULT 5000)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    base CONSTANT integer := 1986618464;
    done CONSTANT text := 'VG001';
    deadline timestamptz;
    pause_seconds double precision := 0.005;
    rendering record;
    sees_commits CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
BEGIN
    IF NOT vigil.sees_labels() THEN
        RAISE EXCEPTION 'pictures with names are not for role %', quote_ident(vigil.acting_role())
            USING ERRCODE = 'insufficient_privilege', HINT = 'See the setting picture_labels; "vigil export" draws them without names.';
    END IF;
    IF NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.id = anomaly_svg.id) THEN
        RAISE EXCEPTION 'there is no anomaly %', coalesce(anomaly_svg.id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
    END IF;
    IF anomaly_svg.hops IS NULL OR anomaly_svg.hops NOT BETWEEN 0 AND 10 THEN
        RAISE EXCEPTION 'hops must be from 0 to 10, not %', coalesce(anomaly_svg.hops::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF anomaly_svg.nodes IS NULL OR anomaly_svg.nodes NOT BETWEEN 1 AND 500 THEN
        RAISE EXCEPTION 'nodes must be from 1 to 500, not %', coalesce(anomaly_svg.nodes::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO rendering FROM vigil.find_rendering(anomaly_svg.id, 'svg', anomaly_svg.hops, anomaly_svg.nodes);
    IF rendering.content IS NULL AND rendering.error IS NULL THEN
        IF NOT EXISTS (SELECT FROM vigil.sidecars AS sidecar WHERE vigil.sidecar_is_alive(sidecar.heartbeat_at, sidecar.state)) THEN
            RAISE EXCEPTION 'the picture of anomaly % is not drawn yet, and no sidecar is running that could draw it', anomaly_svg.id
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Start "vigil run"; vigil.anomaly_dot() needs none.';
        END IF;
        IF NOT sees_commits OR pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            RAISE EXCEPTION 'the picture of anomaly % is not drawn yet, and this transaction cannot wait for it', anomaly_svg.id
                USING ERRCODE = 'object_not_in_prerequisite_state',
                    HINT = 'Ask for it in a transaction that may write and whose isolation level is read committed.';
        END IF;
        deadline := clock_timestamp() + greatest(coalesce(anomaly_svg.timeout_milliseconds, 5000), 0) * interval '1 millisecond';
        BEGIN
            FOR part IN 0..3 LOOP
                PERFORM pg_advisory_xact_lock_shared(base + part,
                    (('x' || substr(replace(anomaly_svg.id::text, '-', ''), 8 * part + 1, 8))::bit(32))::integer);
            END LOOP;
            PERFORM pg_advisory_xact_lock_shared(base + 4, anomaly_svg.hops * 1000 + anomaly_svg.nodes);
            LOOP
                PERFORM nextval('vigil.drawing_bell');
                FOR attempt IN 1..20 LOOP
                    SELECT * INTO rendering FROM vigil.find_rendering(anomaly_svg.id, 'svg', anomaly_svg.hops, anomaly_svg.nodes);
                    EXIT WHEN rendering.content IS NOT NULL OR rendering.error IS NOT NULL OR clock_timestamp() >= deadline;
                    PERFORM pg_sleep(pause_seconds);
                    pause_seconds := least(pause_seconds * 1.2, 0.05);
                END LOOP;
                EXIT WHEN rendering.content IS NOT NULL OR rendering.error IS NOT NULL OR clock_timestamp() >= deadline;
            END LOOP;
            RAISE EXCEPTION USING ERRCODE = done;
        EXCEPTION WHEN SQLSTATE 'VG001' THEN
            NULL;
        END;
    END IF;
    IF rendering.error IS NOT NULL THEN
        RAISE EXCEPTION 'the picture of anomaly % could not be drawn', anomaly_svg.id
            USING ERRCODE = 'internal_error', DETAIL = rendering.error, HINT = 'vigil.anomaly_dot() gives its source.';
    ELSIF rendering.content IS NULL THEN
        RAISE EXCEPTION 'the picture of anomaly % was not drawn within % ms', anomaly_svg.id, anomaly_svg.timeout_milliseconds
            USING ERRCODE = 'query_canceled', HINT = 'Ask again, or see vigil.sidecar_status and vigil.task_status.';
    END IF;
    RETURN convert_from(rendering.content, 'UTF8');
END
$$;

COMMENT ON FUNCTION vigil.anomaly_svg(uuid, integer, integer, integer) IS 'The graph around an anomaly as an SVG picture, up to this many hops and entities: as it was at detection as far as that was kept. The stored picture where there is one, else the sidecar draws it and the function waits up to timeout_milliseconds. Save it with: psql -XAtc "SELECT vigil.anomaly_svg(''...'')" > anomaly.svg';
