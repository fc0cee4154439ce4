-- What vigil.check_task_arguments() does with the arguments of a task of kind preview.
CREATE FUNCTION vigil.check_preview(arguments jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rows_max CONSTANT integer := 100;
    entity_keys CONSTANT text[] := '{id,ref,type,name,value,risk_score,confidence,source,sources,is_verified,metadata,tags,first_seen,last_seen,created_at,updated_at,is_active}';
    relationship_keys CONSTANT text[] := '{id,source,target,type,confidence,weight,sources,evidence,metadata,first_observed,last_observed,created_at,verified,is_active}';
    refs jsonb := '{}';
    entities jsonb := '[]';
    relationships jsonb := '[]';
    item jsonb;
    place bigint;
    what text;
    wrong text;
    key text;
    ref text;
    given_id bigint;
    sample_entity vigil.entities;
    sample_relationship vigil.relationships;
    ends bigint[];
    stranger text;
BEGIN
    IF coalesce(jsonb_array_length(arguments -> 'entities'), 0) + coalesce(jsonb_array_length(arguments -> 'relationships'), 0) = 0 THEN
        RAISE EXCEPTION 'a preview needs entities or relationships' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'For example vigil.request_preview(''[{"ref": "mule", "type": "account"}]'', ''[{"source": "mule", "target": 17, "type": "pays"}]'').';
    ELSIF coalesce(jsonb_array_length(arguments -> 'entities'), 0) + coalesce(jsonb_array_length(arguments -> 'relationships'), 0) > rows_max THEN
        RAISE EXCEPTION 'a preview takes % rows at most', rows_max USING ERRCODE = 'program_limit_exceeded';
    END IF;

    FOR item, place IN SELECT * FROM jsonb_array_elements(arguments -> 'entities') WITH ORDINALITY LOOP
        what := format('entity %s of the preview', place);
        IF jsonb_typeof(item) <> 'object' THEN
            RAISE EXCEPTION '% is not a JSON object', what USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT name INTO stranger FROM jsonb_object_keys(item) AS name WHERE name <> ALL (entity_keys) ORDER BY name LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% has an unknown key %', what, quote_literal(vigil.clean_label("left"(stranger, 200)))
                USING ERRCODE = 'invalid_parameter_value', HINT = 'It can have ' || array_to_string(entity_keys, ', ') || '.';
        END IF;
        given_id := vigil.parse_id(item -> 'id');
        IF item ? 'id' AND given_id IS NOT NULL THEN
            IF NOT EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = given_id) THEN
                RAISE EXCEPTION '%: there is no entity %', what, given_id USING ERRCODE = 'no_data_found',
                    HINT = 'One that is not there has a "ref" or a negative id.';
            END IF;
        ELSE
            IF item ? 'id' AND NOT (item ->> 'id') ~ '^-[0-9]{1,18}$' THEN
                RAISE EXCEPTION '%: its id cannot be %', what, vigil.clean_label("left"(item ->> 'id', 200))
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the key of an entity, or negative for one that is not there.';
            ELSIF NOT item ? 'type' THEN
                RAISE EXCEPTION '% has no type', what USING ERRCODE = 'invalid_parameter_value';
            END IF;
            given_id := -place;
        END IF;
        -- By either it may be named as an end.
        FOREACH ref IN ARRAY array_remove(ARRAY[item ->> 'ref', item ->> 'id'], NULL) LOOP
            IF refs ? ref THEN
                RAISE EXCEPTION 'two entities of the preview are called %', quote_literal(vigil.clean_label("left"(ref, 200)))
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            refs := refs || jsonb_build_object(ref, given_id);
        END LOOP;
        IF item ? 'type' AND NOT EXISTS (SELECT FROM vigil.entity_types AS known WHERE known.type = item ->> 'type') THEN
            RAISE EXCEPTION '%: there is no entity type %', what, quote_literal(vigil.clean_label("left"(item ->> 'type', 200)))
                USING ERRCODE = 'invalid_parameter_value', HINT = 'See vigil.entity_types.';
        END IF;
        BEGIN
            sample_entity := jsonb_populate_record(NULL::vigil.entities, item - 'ref' - 'id');
            IF NOT (isfinite(coalesce(sample_entity.first_seen, now())) AND isfinite(coalesce(sample_entity.last_seen, now()))
                AND isfinite(coalesce(sample_entity.created_at, now())) AND isfinite(coalesce(sample_entity.updated_at, now())))
            THEN
                RAISE EXCEPTION 'a time must be finite' USING ERRCODE = 'invalid_parameter_value';
            END IF;
        EXCEPTION WHEN data_exception THEN
            GET STACKED DIAGNOSTICS wrong = MESSAGE_TEXT;
            RAISE EXCEPTION '%: %', what, wrong USING ERRCODE = 'invalid_parameter_value';
        END;
        entities := entities || jsonb_build_array((item - 'id') || jsonb_build_object('id', given_id)
            || CASE WHEN item ? 'ref' OR given_id > 0 THEN '{}' ELSE jsonb_build_object('ref', item ->> 'id') END);
    END LOOP;

    FOR item, place IN SELECT * FROM jsonb_array_elements(arguments -> 'relationships') WITH ORDINALITY LOOP
        what := format('relationship %s of the preview', place);
        IF jsonb_typeof(item) <> 'object' THEN
            RAISE EXCEPTION '% is not a JSON object', what USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- What this function gives it takes again.
        item := (item - 'source_entity_id' - 'target_entity_id')
            || jsonb_strip_nulls(jsonb_build_object('source', coalesce(item -> 'source', item -> 'source_entity_id'), 'target', coalesce(item -> 'target', item -> 'target_entity_id')));
        SELECT name INTO stranger FROM jsonb_object_keys(item) AS name WHERE name <> ALL (relationship_keys) ORDER BY name LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% has an unknown key %', what, quote_literal(vigil.clean_label("left"(stranger, 200)))
                USING ERRCODE = 'invalid_parameter_value', HINT = 'It can have ' || array_to_string(relationship_keys, ', ') || '.';
        END IF;
        given_id := vigil.parse_id(item -> 'id');
        ends := NULL;
        IF item ? 'id' AND given_id IS NOT NULL THEN
            SELECT ARRAY[relationship.source_entity_id, relationship.target_entity_id] INTO ends
            FROM vigil.relationships AS relationship WHERE relationship.id = given_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION '%: there is no relationship %', what, given_id USING ERRCODE = 'no_data_found',
                    HINT = 'One that is not there has no id, or a negative one.';
            END IF;
        ELSE
            IF item ? 'id' AND NOT (item ->> 'id') ~ '^-[0-9]{1,18}$' THEN
                RAISE EXCEPTION '%: its id cannot be %', what, vigil.clean_label("left"(item ->> 'id', 200))
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the key of a relationship, or negative for one that is not there.';
            ELSIF NOT item ? 'type' THEN
                RAISE EXCEPTION '% has no type', what USING ERRCODE = 'invalid_parameter_value';
            END IF;
            given_id := -place;
        END IF;
        FOREACH key IN ARRAY ARRAY['source', 'target'] LOOP
            IF refs ? (item ->> key) THEN
                ends[CASE key WHEN 'source' THEN 1 ELSE 2 END] := (refs ->> (item ->> key))::bigint;
            ELSIF vigil.parse_id(item -> key) IS NOT NULL
                AND EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = vigil.parse_id(item -> key))
            THEN
                ends[CASE key WHEN 'source' THEN 1 ELSE 2 END] := vigil.parse_id(item -> key);
            ELSIF item ? key OR given_id < 0 THEN
                RAISE EXCEPTION '%: its % % is neither an entity nor called so in the preview', what, key,
                        coalesce(quote_literal(vigil.clean_label("left"(item ->> key, 200))), 'NULL')
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
        END LOOP;
        IF item ? 'type' AND NOT EXISTS (SELECT FROM vigil.relationship_types AS known WHERE known.type = item ->> 'type') THEN
            RAISE EXCEPTION '%: there is no relationship type %', what, quote_literal(vigil.clean_label("left"(item ->> 'type', 200)))
                USING ERRCODE = 'invalid_parameter_value', HINT = 'See vigil.relationship_types.';
        END IF;
        BEGIN
            sample_relationship := jsonb_populate_record(NULL::vigil.relationships, item - 'source' - 'target' - 'id');
            IF NOT (isfinite(coalesce(sample_relationship.first_observed, now())) AND isfinite(coalesce(sample_relationship.last_observed, now()))
                AND isfinite(coalesce(sample_relationship.created_at, now())))
            THEN
                RAISE EXCEPTION 'a time must be finite' USING ERRCODE = 'invalid_parameter_value';
            END IF;
        EXCEPTION WHEN data_exception THEN
            GET STACKED DIAGNOSTICS wrong = MESSAGE_TEXT;
            RAISE EXCEPTION '%: %', what, wrong USING ERRCODE = 'invalid_parameter_value';
        END;
        relationships := relationships || jsonb_build_array((item - 'source' - 'target')
            || jsonb_build_object('id', given_id, 'source_entity_id', ends[1], 'target_entity_id', ends[2]));
    END LOOP;

    -- Shares are shares, as in the tables.
    SELECT format('%s of %s', share.name, given.row ->> share.name) INTO wrong
    FROM jsonb_array_elements(entities || relationships) AS given (row), unnest('{risk_score,confidence}'::text[]) AS share (name)
    WHERE NOT (given.row ->> share.name)::double precision BETWEEN 0 AND 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a % is not from 0 to 1', wrong USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN jsonb_build_object('entities', entities, 'relationships', relationships);
END
$$;

COMMENT ON FUNCTION vigil.check_preview(jsonb) IS 'Refuses rows that cannot be previewed, and returns the others in one form: those that are not there have negative ids, and relationships name their ends by id.';
