-- Keeps the entity or relationship, with its history, when the key of its row changes. Old and new rows
-- come in pairs; where a pair cannot be had, the row counts as deleted and inserted.
CREATE FUNCTION vigil.rename_keys(attachment integer, kind "char", old_keys text[], new_keys text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    subject CONSTANT text := CASE kind WHEN 'e' THEN 'entities' ELSE 'relationships' END;
    before text[];
    after text[];
    vanished text[];
    renamed bigint := 0;
BEGIN
    IF cardinality(old_keys) = cardinality(new_keys) THEN
        SELECT array_agg(pair.before), array_agg(pair.after) INTO before, after
        FROM unnest(old_keys, new_keys) AS pair (before, after)
        WHERE pair.before <> pair.after AND octet_length(pair.after) <= 2048;
        IF before && after THEN
            -- Keys handed on within one statement: out of the way first.
            EXECUTE format($update$
                UPDATE vigil.%I AS known SET attached_key = chr(1) || known.attached_key
                WHERE known.attachment_id = $1 AND known.attached_key = ANY ($2)$update$, subject)
            USING attachment, before;
            before := ARRAY(SELECT chr(1) || moved.key FROM unnest(before) WITH ORDINALITY AS moved (key, nth) ORDER BY moved.nth);
        END IF;
        EXECUTE format($update$
            UPDATE vigil.%I AS known SET attached_key = pair.after
            FROM unnest($2, $3) AS pair (before, after)
            WHERE known.attachment_id = $1 AND known.attached_key = pair.before
                AND NOT EXISTS (SELECT FROM vigil.%I AS other WHERE other.attachment_id = $1 AND other.attached_key = pair.after)$update$,
            subject, subject)
        USING attachment, before, after;
        GET DIAGNOSTICS renamed = ROW_COUNT;
    END IF;
    -- Also those that waited under their old key.
    vanished := ARRAY(SELECT unnest(old_keys) EXCEPT SELECT unnest(new_keys));
    IF renamed < cardinality(vanished) THEN
        IF kind = 'e' THEN
            PERFORM vigil.drop_entities(attachment, vanished);
        ELSE
            PERFORM vigil.drop_relationships(attachment, vanished);
        END IF;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.rename_keys(integer, "char", text[], text[]) IS 'Follows a change of keys in an attached table. Called by its trigger.';
