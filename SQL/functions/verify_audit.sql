CREATE FUNCTION vigil.verify_audit(anchor text DEFAULT NULL)
RETURNS TABLE (finding text, seq bigint, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    zero CONSTANT bytea := decode(repeat('00', 32), 'hex');
    head vigil.audit_head;
    -- The end of what was sealed: the rows follow it.
    base_seq bigint;
    base_hash bytea;
    segment_count bigint;
    anchored_seq bigint;
    anchored_hash bytea;
    found_one boolean;
BEGIN
    IF verify_audit.anchor IS NOT NULL THEN
        IF verify_audit.anchor !~ '^[0-9]{1,18}:[0-9a-f]{64}$' THEN
            RAISE EXCEPTION 'an anchor is a number, a colon and 64 hexadecimal digits'
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Keep what vigil.audit_anchor() returned.';
        END IF;
        anchored_seq := split_part(verify_audit.anchor, ':', 1)::bigint;
        anchored_hash := decode(split_part(verify_audit.anchor, ':', 2), 'hex');
    END IF;
    SELECT * INTO head FROM vigil.audit_head;
    SELECT coalesce(max(segment.last_seq), 0), coalesce((array_agg(segment.last_hash ORDER BY segment.id DESC))[1], zero), count(*)
    INTO base_seq, base_hash, segment_count
    FROM vigil.audit_segments AS segment;

    RETURN QUERY
    WITH linked AS (
        SELECT log.*,
            lag(log.seq, 1, base_seq) OVER ordered AS seq_before, lead(log.seq) OVER ordered AS seq_after,
            lead(log.previous_hash) OVER ordered AS hash_after,
            log.hash = vigil.hash_decision(log.previous_hash, log.seq, log.at, log.actor, log.acting_role,
                log.action, log.object_kind, log.object_id, log.before, log.after) AS is_whole
        FROM vigil.audit_log AS log
        WHERE log.seq > base_seq
        WINDOW ordered AS (ORDER BY log.seq)
    ), sealed AS (
        SELECT segment.*, coalesce(lag(segment.id) OVER ordered, 0) + 1 AS expected_id,
            coalesce(lag(segment.last_seq) OVER ordered, 0) + 1 AS expected_first,
            coalesce(lag(segment.last_hash) OVER ordered, zero) AS expected_hash,
            coalesce(lag(segment.seal) OVER ordered, zero) AS seal_before,
            lead(segment.id) OVER ordered IS NULL AS is_last
        FROM vigil.audit_segments AS segment
        WINDOW ordered AS (ORDER BY segment.id)
    ), recorded AS (
        -- The newest seal, as it was recorded among the decisions.
        SELECT log.object_id::bigint AS id, log.after ->> 'seal' AS seal
        FROM vigil.audit_log AS log
        WHERE log.object_kind = 'audit segment' AND log.action = 'seal' AND log.object_id ~ '^[0-9]{1,18}$'
        ORDER BY log.seq DESC
        LIMIT 1
    ), judged AS (
        SELECT linked.*,
            -- What the next row, or the head, recorded of this one.
            CASE WHEN linked.seq = head.seq THEN head.hash
                WHEN linked.seq_after = linked.seq + 1 THEN linked.hash_after END AS witness
        FROM linked
    )
    SELECT 'removed'::text, judged.seq_before + 1,
        CASE WHEN judged.seq - judged.seq_before = 2 THEN format('decision %s is gone', judged.seq_before + 1)
            ELSE format('decisions %s to %s are gone', judged.seq_before + 1, judged.seq - 1) END
    FROM judged
    WHERE judged.seq > judged.seq_before + 1
    UNION ALL
    SELECT 'inserted', log.seq,
        CASE WHEN log.seq < 1 THEN 'its number is before the first'
            WHEN log.seq <= base_seq THEN format('its number is in a segment that was sealed, which ends with %s', base_seq)
            WHEN head.seq IS NULL THEN 'no decision has been recorded'
            ELSE format('its number is behind the last one recorded, %s', head.seq) END
    FROM vigil.audit_log AS log
    WHERE log.seq <= base_seq OR log.seq < 1 OR log.seq > coalesce(head.seq, 0)
    UNION ALL
    SELECT 'altered', judged.seq,
        CASE WHEN judged.is_whole THEN
                format('it is not the row that %s has recorded',
                    CASE WHEN judged.seq = head.seq THEN 'the head' ELSE 'decision ' || (judged.seq + 1) END)
            ELSE format('its hash does not fit its content (%s of %s "%s" by %s)',
                judged.action, judged.object_kind, vigil.clean_label(judged.object_id, 40), vigil.clean_label(judged.actor, 40)) END
    FROM judged
    WHERE judged.seq <= coalesce(head.seq, 0)
        AND (NOT judged.is_whole OR judged.hash IS DISTINCT FROM coalesce(judged.witness, judged.hash)
            -- Without the row before, only that row's own record speaks.
            OR (judged.seq = base_seq + 1 AND judged.previous_hash <> base_hash))
    UNION ALL
    SELECT 'altered', sealed.last_seq, format('segment %s of sealed decisions is not as it was sealed', sealed.id)
    FROM sealed
    WHERE sealed.id <> sealed.expected_id OR sealed.first_seq <> sealed.expected_first OR sealed.previous_hash <> sealed.expected_hash
        OR sealed.seal <> vigil.hash_segment(sealed.seal_before, sealed.id, sealed.first_seq, sealed.last_seq,
            sealed.first_at, sealed.last_at, sealed.previous_hash, sealed.last_hash)
        OR (sealed.is_last AND NOT EXISTS (
            SELECT FROM recorded WHERE recorded.id = sealed.id AND recorded.seal = encode(sealed.seal, 'hex')))
    UNION ALL
    SELECT 'removed', base_seq, format('segment %s of sealed decisions is gone', recorded.id)
    FROM recorded
    WHERE NOT EXISTS (SELECT FROM sealed WHERE sealed.id = recorded.id)
    UNION ALL
    SELECT 'removed', last.seq + 1,
        CASE WHEN head.seq = last.seq + 1 THEN format('the last decision, %s, is gone', head.seq)
            ELSE format('the last decisions, %s to %s, are gone', last.seq + 1, head.seq) END
    FROM (SELECT greatest(coalesce(max(log.seq), 0), base_seq) AS seq FROM vigil.audit_log AS log WHERE log.seq <= head.seq) AS last
    WHERE head.seq > last.seq
    UNION ALL
    SELECT 'removed', NULL::bigint, 'vigil.audit_head has lost its row'
    WHERE head.seq IS NULL AND (EXISTS (SELECT FROM vigil.audit_log) OR segment_count > 0)
    UNION ALL
    SELECT 'replaced', anchored_seq, 'the log is not the one that the anchor was taken from'
    WHERE anchored_seq > base_seq AND NOT EXISTS (
        SELECT FROM vigil.audit_log AS log WHERE log.seq = anchored_seq AND log.hash = anchored_hash)
        OR EXISTS (SELECT FROM sealed WHERE sealed.last_seq = anchored_seq AND sealed.last_hash <> anchored_hash)
    UNION ALL
    SELECT 'sealed', anchored_seq, format('the anchor is of a decision that was removed when segment %s was sealed, on %s; keep a newer one',
        sealed.id, (sealed.sealed_at AT TIME ZONE 'UTC')::date)
    FROM sealed
    WHERE anchored_seq >= sealed.first_seq AND anchored_seq < sealed.last_seq
    ORDER BY 2 NULLS FIRST, 1;
    found_one := FOUND;
    IF NOT found_one THEN
        finding := 'intact';
        seq := coalesce(head.seq, 0);
        detail := format('%s decisions, each as it was recorded', coalesce(head.seq, 0) - base_seq)
            || CASE WHEN segment_count > 0 THEN format('; before them %s that were sealed and removed', base_seq) ELSE '' END;
        RETURN NEXT;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.verify_audit(text) IS 'Checks vigil.audit_log row by row: one row "intact", or one for each row that was altered, removed (the last ones too) or inserted. Whoever owns Vigil could write the whole chain anew; against that, keep what vigil.audit_anchor() returns where they cannot write, and give it as anchor. Of decisions that were removed after the setting audit_retention_days it checks what vigil.audit_segments has kept; an anchor of one of them gives "sealed".';
