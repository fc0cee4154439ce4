CREATE FUNCTION vigil.verify_audit(anchor text DEFAULT NULL)
RETURNS TABLE (finding text, seq bigint, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    zero CONSTANT bytea := decode(repeat('00', 32), 'hex');
    head vigil.audit_head;
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

    RETURN QUERY
    WITH linked AS (
        SELECT log.*,
            lag(log.seq, 1, 0::bigint) OVER ordered AS seq_before, lead(log.seq) OVER ordered AS seq_after,
            lag(log.hash, 1, zero) OVER ordered AS hash_before,
            lead(log.previous_hash) OVER ordered AS hash_after,
            log.hash = vigil.hash_decision(log.previous_hash, log.seq, log.at, log.actor, log.acting_role,
                log.action, log.object_kind, log.object_id, log.before, log.after) AS is_whole
        FROM vigil.audit_log AS log
        WINDOW ordered AS (ORDER BY log.seq)
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
    SELECT 'inserted', judged.seq,
        CASE WHEN judged.seq < 1 THEN 'its number is before the first'
            WHEN head.seq IS NULL THEN 'no decision has been recorded'
            ELSE format('its number is behind the last one recorded, %s', head.seq) END
    FROM judged
    WHERE judged.seq < 1 OR judged.seq > coalesce(head.seq, 0)
    UNION ALL
    SELECT 'altered', judged.seq,
        CASE WHEN judged.is_whole THEN
                format('it is not the row that %s has recorded',
                    CASE WHEN judged.seq = head.seq THEN 'the head' ELSE 'decision ' || (judged.seq + 1) END)
            ELSE format('its hash does not fit its content (%s of %s "%s" by %s)',
                judged.action, judged.object_kind, vigil.clean_label(judged.object_id, 40), vigil.clean_label(judged.actor, 40)) END
    FROM judged
    WHERE judged.seq BETWEEN 1 AND coalesce(head.seq, 0)
        AND (NOT judged.is_whole OR judged.hash IS DISTINCT FROM coalesce(judged.witness, judged.hash)
            -- Without the row before, only that row's own record speaks.
            OR (judged.seq = 1 AND judged.previous_hash <> zero))
    UNION ALL
    SELECT 'removed', last.seq + 1,
        CASE WHEN head.seq = last.seq + 1 THEN format('the last decision, %s, is gone', head.seq)
            ELSE format('the last decisions, %s to %s, are gone', last.seq + 1, head.seq) END
    FROM (SELECT coalesce(max(log.seq), 0) AS seq FROM vigil.audit_log AS log WHERE log.seq <= head.seq) AS last
    WHERE head.seq > last.seq
    UNION ALL
    SELECT 'removed', NULL::bigint, 'vigil.audit_head has lost its row'
    WHERE head.seq IS NULL AND EXISTS (SELECT FROM vigil.audit_log)
    UNION ALL
    SELECT 'replaced', anchored_seq, 'the log is not the one that the anchor was taken from'
    WHERE anchored_seq > 0 AND NOT EXISTS (
        SELECT FROM vigil.audit_log AS log WHERE log.seq = anchored_seq AND log.hash = anchored_hash)
    ORDER BY 2 NULLS FIRST, 1;
    found_one := FOUND;
    IF NOT found_one THEN
        finding := 'intact';
        seq := coalesce(head.seq, 0);
        detail := format('%s decisions, each as it was recorded', coalesce(head.seq, 0));
        RETURN NEXT;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.verify_audit(text) IS 'Checks vigil.audit_log row by row: one row "intact", or one for each row that was altered, removed (the last ones too) or inserted. Whoever owns Vigil could write the whole chain anew; against that, keep what vigil.audit_anchor() returns where they cannot write, and give it as anchor.';
