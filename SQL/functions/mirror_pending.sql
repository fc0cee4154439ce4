-- With the rights of the owner: it reads and writes only tables of Vigil, and what it writes has been
-- queued by the triggers of attached tables. It gives up a lock before a writer could be chosen to resolve a
-- deadlock, and goes on at the next call.
CREATE FUNCTION vigil.mirror_pending(rows_max integer DEFAULT 10000)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '100ms'
AS $$
#variable_conflict use_variable
DECLARE
    attachment integer;
    horizon xid8;
    ready text[];
    taken bigint := 0;
BEGIN
    IF rows_max < 1 THEN
        RAISE EXCEPTION 'rows_max must be at least 1' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Entities first: relationships wait for them.
    FOR attachment IN
        SELECT known.id FROM vigil.attachments AS known
        WHERE EXISTS (SELECT FROM vigil.pending_rows AS pending WHERE pending.attachment_id = known.id)
        ORDER BY known.kind, known.id
    LOOP
        EXIT WHEN taken >= rows_max;
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(1986619244, attachment);
        BEGIN
            taken := taken + vigil.mirror_pending_of(attachment, rows_max - taken::integer);
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
            NULL;
        END;
    END LOOP;
    -- A relationship and its end may have been written at the same time, neither seeing the other.
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    FOR attachment, ready IN
        SELECT parked.attachment_id, array_agg(parked.key)
        FROM (
            SELECT waiting.* FROM vigil.parked_relationships AS waiting WHERE NOT waiting.is_settled LIMIT rows_max
        ) AS parked
        GROUP BY parked.attachment_id
    LOOP
        BEGIN
            taken := taken + vigil.take_parked(attachment, ARRAY(
                SELECT parked.key FROM vigil.parked_relationships AS parked
                JOIN vigil.entities AS source ON source.attachment_id = parked.source_attachment_id AND source.attached_key = parked.source_key
                JOIN vigil.entities AS target ON target.attachment_id = parked.target_attachment_id AND target.attached_key = parked.target_key
                WHERE parked.attachment_id = attachment AND parked.key = ANY (ready)));
            UPDATE vigil.parked_relationships AS parked SET is_settled = true
            WHERE parked.attachment_id = attachment AND parked.key = ANY (ready) AND parked.awaits <= horizon AND NOT parked.is_settled;
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
            NULL;
        END;
    END LOOP;
    RETURN taken;
END
$$;

COMMENT ON FUNCTION vigil.mirror_pending(integer) IS 'Mirrors up to so many rows of attached tables that wait in vigil.pending_rows, and looks after parked relationships; returns how many. The sidecar calls it all the time; without a sidecar, call it yourself or CALL vigil.backfill().';
