CREATE FUNCTION vigil.write_entity(
    attachment integer, mapped integer, mirrored vigil.mirrored_entity, mode "char", version bigint)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    refusal text := vigil.refuse_entity(mirrored);
    state text;
    is_at_odds boolean := false;
BEGIN
    IF refusal IS NULL AND NOT EXISTS (SELECT FROM vigil.entity_types AS known WHERE known.type = (mirrored).type) THEN
        refusal := format('there is no entity type %s in vigil.entity_types', quote_literal(left((mirrored).type, 100)));
    END IF;
    IF refusal IS NULL THEN
        BEGIN
            IF vigil.change_entities(attachment, mapped, ARRAY[mirrored], mode, version) = 0 THEN
                INSERT INTO vigil.entities (
                    attachment_id, attached_key, attached_version, type, name, value, risk_score, confidence, source, sources,
                    is_verified, description, metadata, tags, first_seen, last_seen, is_active)
                VALUES (attachment, (mirrored).key, CASE WHEN mode = 'B' THEN 0 ELSE version END, (mirrored).type, (mirrored).name,
                    (mirrored).value, (mirrored).risk_score, (mirrored).confidence, (mirrored).source,
                    coalesce((mirrored).sources, '{}'), coalesce((mirrored).is_verified, false), (mirrored).description,
                    coalesce((mirrored).metadata, '{}'), coalesce((mirrored).tags, '{}'),
                    CASE WHEN mapped & 1024 <> 0 THEN (mirrored).first_seen WHEN mode <> 'B' THEN now() END,
                    CASE WHEN mapped & 2048 <> 0 THEN (mirrored).last_seen WHEN mode <> 'B' THEN now() END,
                    coalesce((mirrored).is_active, true))
                ON CONFLICT (attachment_id, attached_key) WHERE attachment_id IS NOT NULL DO NOTHING;
            END IF;
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR lock_not_available THEN
                RAISE;
            WHEN unique_violation THEN
                is_at_odds := true;
                state := SQLSTATE;
                refusal := format('another entity has type %s and value %s',
                    quote_literal((mirrored).type), quote_literal(left((mirrored).value, 200)));
            WHEN OTHERS THEN
                state := SQLSTATE;
                refusal := SQLERRM;
        END;
    END IF;
    IF refusal IS NOT NULL THEN
        PERFORM vigil.reject_row(attachment, (mirrored).key, refusal, state);
    ELSIF EXISTS (SELECT FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = left((mirrored).key, 500)) THEN
        DELETE FROM vigil.rejected_rows AS known WHERE known.attachment_id = attachment AND known.key = left((mirrored).key, 500);
    END IF;
    RETURN is_at_odds;
END
$$;

COMMENT ON FUNCTION vigil.write_entity(integer, integer, vigil.mirrored_entity, "char", bigint) IS 'Mirrors one row of an attached table, or sets it aside; returns whether another entity has its value. Called by vigil.write_entities().';
