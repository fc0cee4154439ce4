-- For the owner of Vigil alone, because the time is an argument; vigil.run_upkeep() gives the present.
CREATE FUNCTION vigil.seal_audit(at timestamptz, rows_max integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    zero CONSTANT bytea := decode(repeat('00', 32), 'hex');
    cutoff CONSTANT timestamptz := seal_audit.at - (vigil.get_setting('audit_retention_days'))::integer * interval '1 day';
    before vigil.audit_segments;
    segment vigil.audit_segments;
    is_whole boolean;
BEGIN
    PERFORM vigil.lock_audit();
    SELECT * INTO before FROM vigil.audit_segments ORDER BY id DESC LIMIT 1;
    segment.id := coalesce(before.id, 0) + 1;
    segment.first_seq := coalesce(before.last_seq, 0) + 1;
    segment.previous_hash := coalesce(before.last_hash, zero);
    -- By number up to the last that is old enough: a clock that once ran ahead keeps nothing for ever. The newest
    -- decision stays in any case.
    SELECT max(first_rows.seq) FILTER (WHERE first_rows.at < cutoff), min(first_rows.at) INTO segment.last_seq, segment.first_at
    FROM (
        SELECT log.seq, log.at FROM vigil.audit_log AS log
        WHERE log.seq >= segment.first_seq AND log.seq < (SELECT head.seq FROM vigil.audit_head AS head)
        ORDER BY log.seq
        LIMIT rows_max
    ) AS first_rows;
    -- A month's worth, or a full batch: or there would soon be as many segments as there were rows.
    IF segment.last_seq IS NULL OR (segment.first_at >= cutoff - interval '30 days' AND segment.last_seq - segment.first_seq + 1 < rows_max) THEN
        RETURN 0;
    END IF;
    -- What does not fit the chain is evidence: it is not removed.
    SELECT count(*) = segment.last_seq - segment.first_seq + 1
        AND bool_and(linked.hash = vigil.hash_decision(linked.previous_hash, linked.seq, linked.at, linked.actor, linked.acting_role,
            linked.action, linked.object_kind, linked.object_id, linked.before, linked.after)
            AND linked.previous_hash = coalesce(linked.hash_before, segment.previous_hash)),
        (array_agg(linked.hash ORDER BY linked.seq DESC))[1], min(linked.at), max(linked.at)
    INTO is_whole, segment.last_hash, segment.first_at, segment.last_at
    FROM (
        SELECT log.*, lag(log.hash) OVER (ORDER BY log.seq) AS hash_before
        FROM vigil.audit_log AS log
        WHERE log.seq BETWEEN segment.first_seq AND segment.last_seq
    ) AS linked;
    IF NOT is_whole OR segment.last_hash IS DISTINCT FROM (
        SELECT log.previous_hash FROM vigil.audit_log AS log WHERE log.seq = segment.last_seq + 1)
    THEN
        RAISE WARNING 'decisions % to % stay in vigil.audit_log: they are not as they were recorded', segment.first_seq, segment.last_seq
            USING HINT = 'See SELECT * FROM vigil.verify_audit().';
        RETURN 0;
    END IF;
    segment.seal := vigil.hash_segment(coalesce(before.seal, zero), segment.id, segment.first_seq, segment.last_seq,
        segment.first_at, segment.last_at, segment.previous_hash, segment.last_hash);
    segment.sealed_at := seal_audit.at;
    INSERT INTO vigil.audit_segments SELECT segment.*;
    DELETE FROM vigil.audit_log AS log WHERE log.seq BETWEEN segment.first_seq AND segment.last_seq;
    PERFORM vigil.record_decision('seal', 'audit segment', segment.id::text, NULL, jsonb_build_object(
        'first_seq', segment.first_seq, 'last_seq', segment.last_seq, 'last_hash', encode(segment.last_hash, 'hex'),
        'seal', encode(segment.seal, 'hex')), seal_audit.at);
    RETURN segment.last_seq - segment.first_seq + 1;
END
$$;

COMMENT ON FUNCTION vigil.seal_audit(timestamptz, integer) IS 'Removes the decisions that at this time are older than the setting audit_retention_days from vigil.audit_log, oldest first and at most so many, and keeps what they began and ended with in vigil.audit_segments. Returns how many; none before a month''s worth has come together, and none where they are not as they were recorded. Called by vigil.run_upkeep().';
