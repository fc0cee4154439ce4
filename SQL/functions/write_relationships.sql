-- As vigil.write_entities. The ends are locked as the foreign keys lock them; so an entity that is
-- deleted meanwhile parks the relationship instead of failing the writer.
CREATE FUNCTION vigil.write_relationships(
    attachment integer, sources_in integer, targets_in integer, mapped integer, mirrored vigil.mirrored_relationship[], mode "char",
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
    missing vigil.mirrored_relationship[];
    changed vigil.mirrored_relationship[];
    astray vigil.mirrored_relationship[];
    refused vigil.mirrored_relationship[];
    gone bigint[];
    one vigil.mirrored_relationship;
    refusal text;
    keys text[];
    written bigint;
    -- New rows, as far as one can see: the first INSERT tells.
    is_new CONSTANT boolean := mode IN ('I', 'P')
        OR mode = 'B' AND NOT EXISTS (SELECT FROM unnest(seen) AS old_version WHERE old_version IS NOT NULL);
BEGIN
    version := coalesce(version, nextval('vigil.mirror_clock'));
    missing := mirrored;
    IF mode IN ('U', 'B') THEN
        keys := ARRAY(SELECT given.key FROM unnest(mirrored) AS given);
        IF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment) THEN
            DELETE FROM vigil.rejected_rows AS known
            WHERE known.attachment_id = attachment AND known.key = ANY (ARRAY(SELECT left(given.key, 500) FROM unnest(mirrored) AS given));
        END IF;
        IF mode = 'U' AND EXISTS (SELECT FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment) THEN
            DELETE FROM vigil.parked_relationships AS parked WHERE parked.attachment_id = attachment AND parked.key = ANY (keys);
        END IF;
    END IF;

    FOR attempt IN 1..2 LOOP
        IF attempt = 2 OR NOT is_new THEN
            SELECT array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'missing'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'changed'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'astray'),
                array_agg(compared.relationship) FILTER (WHERE compared.verdict = 'refused'),
                array_agg(compared.id) FILTER (WHERE compared.verdict IN ('none', 'moved'))
            INTO missing, changed, astray, refused, gone
            FROM vigil.compare_relationships(attachment, sources_in, targets_in, mapped, mirrored, mode, version, seen) AS compared;
            IF gone IS NOT NULL THEN
                -- The row is no relationship any more, or is one between others.
                DELETE FROM vigil.relationships AS known WHERE known.id = ANY (gone);
                SELECT array_agg(compared.relationship) INTO missing
                FROM vigil.compare_relationships(attachment, sources_in, targets_in, mapped, mirrored, mode, version, seen) AS compared
                WHERE compared.verdict = 'missing';
            END IF;
            IF changed IS NOT NULL THEN
                PERFORM vigil.change_relationships(attachment, mapped, changed, mode, version);
            END IF;
        END IF;
        IF missing IS NOT NULL THEN
            INSERT INTO vigil.relationships (
                attachment_id, attached_key, attached_version, source_entity_id, target_entity_id, type, confidence, weight,
                sources, evidence, description, metadata, first_observed, last_observed, verified, is_active)
            SELECT attachment, given.key, CASE WHEN mode = 'B' THEN 0 ELSE version END, source.id, target.id, given.type,
                given.confidence, given.weight, coalesce(given.sources, '{}'), given.evidence, given.description,
                coalesce(given.metadata, '{}'),
                CASE WHEN mapped & 64 <> 0 THEN given.first_observed WHEN mode <> 'B' THEN now() END,
                CASE WHEN mapped & 128 <> 0 THEN given.last_observed WHEN mode <> 'B' THEN now() END,
                coalesce(given.verified, false), coalesce(given.is_active, true)
            FROM unnest(missing) AS given
            JOIN vigil.entities AS source ON source.attachment_id = sources_in AND source.attached_key = given.source_key
            JOIN vigil.entities AS target ON target.attachment_id = targets_in AND target.attached_key = given.target_key
            WHERE vigil.refuse_relationship(given) IS NULL
                AND given.type IN (SELECT known_type.type FROM vigil.relationship_types AS known_type)
            FOR KEY SHARE OF source, target
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS written = ROW_COUNT;
            EXIT WHEN is_new AND written = cardinality(missing);
        END IF;
        EXIT WHEN attempt = 1 AND NOT is_new AND astray IS NULL AND refused IS NULL
            AND (missing IS NULL OR written = cardinality(missing));
    END LOOP;

    IF astray IS NOT NULL THEN
        -- What was a relationship keeps its place, so that it keeps its history if the end comes back.
        UPDATE vigil.relationships AS known
        SET is_active = false
        FROM unnest(astray) AS given
        WHERE known.attachment_id = attachment AND known.attached_key = given.key AND known.is_active;
        INSERT INTO vigil.parked_relationships AS parked (
            attachment_id, key, source_attachment_id, source_key, target_attachment_id, target_key, relationship, version)
        SELECT attachment, given.key, sources_in, given.source_key, targets_in, given.target_key, given,
            CASE WHEN mode = 'B' THEN 0 ELSE version END
        FROM unnest(astray) AS given
        ON CONFLICT (attachment_id, key) DO UPDATE
        SET source_key = excluded.source_key, target_key = excluded.target_key, relationship = excluded.relationship,
            version = excluded.version, awaits = excluded.awaits, is_settled = false
        WHERE parked.version < excluded.version OR mode = 'B' AND parked.version = 0;
    END IF;
    IF refused IS NOT NULL THEN
        FOREACH one IN ARRAY refused LOOP
            refusal := vigil.refuse_relationship(one);
            PERFORM vigil.reject_row(attachment, one.key, coalesce(refusal,
                format('there is no relationship type %s in vigil.relationship_types', quote_literal(left(one.type, 100)))));
        END LOOP;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.write_relationships(integer, integer, integer, integer, vigil.mirrored_relationship[], "char", bigint, bigint[]) IS 'Mirrors rows of an attached table into vigil.relationships. Called by the triggers of attached tables and by the back-fill.';
