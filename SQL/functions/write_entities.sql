-- mode: I for rows that a writer inserts, U for rows that it updates, P for rows that waited, B for
-- rows that a back-fill has read (seen: the versions that it saw in the same snapshot).
--
-- The first statement does all the work for new rows that are as they should be; what is below it runs
-- for updates, and for rows that it left over. A savepoint, which costs a transaction id and is felt by
-- every session from the 64th in a transaction on, is only taken for a row that is at odds with a rule
-- or with another row.
--
-- A plan made while the tables were small must not scan them when they are large: hence the settings.
CREATE FUNCTION vigil.write_entities(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity[], mode "char",
    version bigint DEFAULT NULL, seen bigint[] DEFAULT NULL)
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
    missing vigil.mirrored_entity[];
    changed vigil.mirrored_entity[];
    failed vigil.mirrored_entity[];
    one vigil.mirrored_entity;
    is_simple boolean;
    is_done boolean := false;
    written bigint;
    changes bigint := 0;
    keys text[];
    -- New rows, as far as one can see: the first INSERT tells.
    is_new CONSTANT boolean := mode IN ('I', 'P')
        OR mode = 'B' AND NOT EXISTS (SELECT FROM unnest(seen) AS old_version WHERE old_version IS NOT NULL);
BEGIN
    version := coalesce(version, nextval('vigil.mirror_clock'));
    IF is_new THEN
        missing := mirrored;
    ELSE
        SELECT compared.missing, compared.changed, compared.is_simple INTO missing, changed, is_simple
        FROM vigil.compare_entities(attachment, mapped, mirrored, mode, version, seen) AS compared;
        is_done := missing IS NULL AND changed IS NULL;
    END IF;
    IF mode IN ('U', 'B') AND EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
        -- What was set aside for these rows is judged anew.
        keys := ARRAY(SELECT left(given.key, 500) FROM unnest(mirrored) AS given);
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = ANY (keys);
    END IF;

    IF missing IS NOT NULL THEN
        -- In the order of their values, so that two writers who bring the same ones wait for each
        -- other, and neither stops the other.
        INSERT INTO vigil.entities (
            attachment_id, attached_key, attached_version, type, name, value, risk_score, confidence, source, sources,
            is_verified, description, metadata, tags, first_seen, last_seen, is_active)
        SELECT attachment, given.key, CASE WHEN mode = 'B' THEN 0 ELSE version END, given.type, given.name, given.value,
            given.risk_score, given.confidence, given.source, coalesce(given.sources, '{}'),
            coalesce(given.is_verified, false), given.description, coalesce(given.metadata, '{}'), coalesce(given.tags, '{}'),
            CASE WHEN mapped & 1024 <> 0 THEN given.first_seen WHEN mode <> 'B' THEN now() END,
            CASE WHEN mapped & 2048 <> 0 THEN given.last_seen WHEN mode <> 'B' THEN now() END,
            coalesce(given.is_active, true)
        FROM unnest(missing) AS given
        WHERE vigil.refuse_entity(given) IS NULL
            AND given.type IN (SELECT known_type.type FROM vigil.entity_types AS known_type)
        ORDER BY given.value
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS written = ROW_COUNT;
        is_done := written = cardinality(missing) AND changed IS NULL;
    END IF;

    FOR attempt IN 1..2 LOOP
        EXIT WHEN is_done;
        IF attempt = 2 OR changed IS NULL THEN
            SELECT compared.missing, compared.changed, compared.is_simple INTO missing, changed, is_simple
            FROM vigil.compare_entities(attachment, mapped, mirrored, mode, version, seen) AS compared;
        END IF;
        IF attempt = 1 AND is_simple THEN
            changes := vigil.change_entities(attachment, mapped, changed, mode, version);
            is_done := missing IS NULL AND changes = cardinality(changed);
        ELSIF attempt = 2 THEN
            FOREACH one IN ARRAY coalesce(missing, '{}') || coalesce(changed, '{}') LOOP
                IF vigil.write_entity(attachment, mapped, one, mode, version) THEN
                    failed := failed || one;
                END IF;
            END LOOP;
            IF cardinality(failed) > 1 THEN
                -- Rows may have handed their values on to each other.
                UPDATE vigil.entities AS known SET value = NULL
                FROM unnest(failed) AS given
                WHERE known.attachment_id = attachment AND known.attached_key = given.key;
                FOREACH one IN ARRAY failed LOOP
                    PERFORM vigil.write_entity(attachment, mapped, one, mode, version);
                END LOOP;
            END IF;
        END IF;
    END LOOP;

    IF EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.source_attachment_id = attachment)
        OR EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.target_attachment_id = attachment)
    THEN
        PERFORM vigil.unpark_relationships(attachment, ARRAY(SELECT given.key FROM unnest(mirrored) AS given));
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.write_entities(integer, integer, vigil.mirrored_entity[], "char", bigint, bigint[]) IS 'Mirrors rows of an attached table into vigil.entities. Called by the triggers of attached tables and by the back-fill.';
