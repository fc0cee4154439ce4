-- The same rules, and the same words, as those by which the sidecar reads a condition.
CREATE FUNCTION vigil.find_condition_fault(scope text, condition jsonb, depth integer DEFAULT 1)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    depth_max CONSTANT integer := 8;
    operators CONSTANT text[] := '{>=,>,<=,<,=,!=}';
    forms CONSTANT text[] := CASE WHEN scope = 'relationship' THEN '{all,any,not,type,source_type,target_type,feature,signal}'
        ELSE '{all,any,not,type,feature,signal}' END;
    form text;
    keys text[];
    allowed text[];
    part jsonb;
    fault text;
    word text;
    shown text;
    measure record;
    given text[];
    number numeric;
BEGIN
    IF scope IS NULL OR scope NOT IN ('entity', 'relationship') THEN
        RETURN format('unknown scope "%s"; use entity or relationship', vigil.clean_label(scope));
    END IF;
    IF jsonb_typeof(condition) IS DISTINCT FROM 'object' THEN
        RETURN 'a condition must be a JSON object';
    END IF;
    IF depth > depth_max THEN
        RETURN format('conditions may be nested %s deep at most', depth_max);
    END IF;
    IF depth = 1 AND length(condition::text) > 20000 THEN
        RETURN 'a condition may have 20000 characters at most';
    END IF;
    keys := ARRAY(SELECT each.key FROM jsonb_object_keys(condition) AS each (key) ORDER BY each.key COLLATE "C");
    form := (SELECT known.form FROM unnest(forms) WITH ORDINALITY AS known (form, place) WHERE known.form = ANY (keys) ORDER BY known.place LIMIT 1);
    IF form IS NULL THEN
        RETURN format('a condition needs one of the keys %s; found %s', array_to_string(forms, ', '),
            coalesce(nullif(vigil.clean_label(array_to_string(keys, ', ')), ''), 'none'));
    END IF;
    allowed := CASE WHEN form IN ('feature', 'signal')
        THEN '{evidence,factor,feature,op,peer_quantile,relationship_type,setting,signal,value}'::text[] ELSE ARRAY[form] END;
    FOREACH word IN ARRAY keys LOOP
        IF word <> ALL (allowed) THEN
            RETURN format('unknown key "%s" beside %s', vigil.clean_label(word), array_to_string(allowed, ', '));
        END IF;
    END LOOP;

    CASE
        WHEN form IN ('all', 'any') THEN
            IF jsonb_typeof(condition -> form) <> 'array' OR condition -> form = '[]' THEN
                RETURN format('"%s" needs a list of conditions that is not empty', form);
            END IF;
            FOR part IN SELECT each.value FROM jsonb_array_elements(condition -> form) AS each (value) LOOP
                fault := vigil.find_condition_fault(scope, part, depth + 1);
                EXIT WHEN fault IS NOT NULL;
            END LOOP;
            RETURN fault;
        WHEN form = 'not' THEN
            RETURN vigil.find_condition_fault(scope, condition -> form, depth + 1);
        WHEN form IN ('type', 'source_type', 'target_type') THEN
            part := CASE jsonb_typeof(condition -> form) WHEN 'array' THEN condition -> form ELSE jsonb_build_array(condition -> form) END;
            IF part = '[]' OR EXISTS (SELECT FROM jsonb_array_elements(part) AS each (value) WHERE jsonb_typeof(each.value) <> 'string') THEN
                RETURN format('"%s" needs the name of a type, or a list of them', form);
            END IF;
            allowed := CASE WHEN form = 'type' AND scope = 'relationship'
                THEN ARRAY(SELECT known.type FROM vigil.relationship_types AS known) ELSE ARRAY(SELECT known.type FROM vigil.entity_types AS known) END;
            FOR word IN SELECT each.value FROM jsonb_array_elements_text(part) AS each (value) LOOP
                IF word <> ALL (allowed) THEN
                    RETURN format('unknown %s type "%s"%s', CASE WHEN form = 'type' THEN scope ELSE 'entity' END, vigil.clean_label(word),
                        coalesce(vigil.suggest_name(word, allowed), '; add it to vigil.' || CASE WHEN form = 'type' THEN scope ELSE 'entity' END || '_types first'));
                END IF;
            END LOOP;
            RETURN NULL;
        ELSE
            NULL;
    END CASE;

    -- A comparison.
    IF condition ? 'feature' AND condition ? 'signal' THEN
        RETURN 'a comparison names a feature or a signal, not both';
    END IF;
    IF jsonb_typeof(condition -> form) <> 'string' THEN
        RETURN format('"%s" needs the name of a %s', form, form);
    END IF;
    word := condition ->> form;
    shown := vigil.clean_label(word);
    SELECT known.* INTO measure
    FROM vigil.indicator_measures AS known
    WHERE known.name = word AND known.kind IN ('feature', 'signal')
    ORDER BY known.scope = find_condition_fault.scope DESC, known.kind = form DESC
    LIMIT 1;
    IF measure.name IS NULL THEN
        RETURN format('unknown %s "%s"%s', form, shown, coalesce(
            vigil.suggest_name(word, ARRAY(
                SELECT known.name FROM vigil.indicator_measures AS known
                WHERE known.scope = find_condition_fault.scope AND known.kind IN ('feature', 'signal'))),
            format('; vigil.indicator_measures lists those of %s', CASE scope WHEN 'entity' THEN 'entities' ELSE 'relationships' END)));
    ELSIF measure.scope <> scope THEN
        RETURN format('%s is a %s of %s, and the indicator looks at %s', shown, measure.kind,
            CASE measure.scope WHEN 'entity' THEN 'entities' ELSE 'relationships' END,
            CASE scope WHEN 'entity' THEN 'entities' ELSE 'relationships' END);
    ELSIF measure.kind <> form THEN
        RETURN format('%s is a %s, not a %s', shown, measure.kind, form);
    END IF;
    IF (word = 'inbound_count') <> (condition ? 'relationship_type') THEN
        RETURN CASE WHEN word = 'inbound_count' THEN 'the signal inbound_count needs a "relationship_type"'
            ELSE format('%s takes no "relationship_type"', shown) END;
    END IF;
    IF condition ? 'relationship_type' THEN
        allowed := ARRAY(SELECT known.type FROM vigil.relationship_types AS known);
        IF jsonb_typeof(condition -> 'relationship_type') <> 'string' OR (condition ->> 'relationship_type') <> ALL (allowed) THEN
            RETURN format('unknown relationship type "%s"%s', vigil.clean_label(condition ->> 'relationship_type'),
                coalesce(vigil.suggest_name(condition ->> 'relationship_type', allowed), '; add it to vigil.relationship_types first'));
        END IF;
    END IF;
    IF NOT condition ? 'op' OR jsonb_typeof(condition -> 'op') <> 'string' THEN
        RETURN format('the comparison of %s needs an "op"', shown);
    ELSIF (condition ->> 'op') <> ALL (operators) THEN
        RETURN format('unknown op "%s"; use one of %s', vigil.clean_label(condition ->> 'op'), array_to_string(operators, ' '));
    END IF;
    IF condition ? 'evidence' AND jsonb_typeof(condition -> 'evidence') <> 'boolean' THEN
        RETURN format('the evidence for %s is true or false', shown);
    END IF;
    given := ARRAY(SELECT each.key FROM unnest('{value,peer_quantile,setting}'::text[]) AS each (key) WHERE condition ? each.key);
    IF cardinality(given) <> 1 THEN
        RETURN format('the comparison of %s needs exactly one of value, peer_quantile, setting', shown);
    END IF;
    IF condition ? 'factor' AND given[1] <> 'peer_quantile' THEN
        RETURN format('a factor belongs to a peer_quantile, not to the %s for %s', given[1], shown);
    END IF;
    CASE given[1]
        WHEN 'value' THEN
            IF jsonb_typeof(condition -> 'value') NOT IN ('number', 'boolean') THEN
                RETURN format('the value for %s must be a number', shown);
            END IF;
            IF jsonb_typeof(condition -> 'value') = 'boolean' THEN RETURN NULL; END IF;
            number := (condition ->> 'value')::numeric;
            IF measure.unit IN ('share', 'flag') AND number NOT BETWEEN 0 AND 1 THEN
                RETURN format('%s runs from 0 to 1, and %s lies outside', shown, trim_scale(number));
            ELSIF abs(number) > 1e300 THEN
                RETURN format('the value for %s is too large', shown);
            END IF;
        WHEN 'peer_quantile' THEN
            IF jsonb_typeof(condition -> 'peer_quantile') <> 'number' OR (condition ->> 'peer_quantile')::numeric NOT BETWEEN 0 AND 1 THEN
                RETURN format('the peer_quantile for %s must be a number from 0 to 1', shown);
            ELSIF condition ? 'factor' AND (jsonb_typeof(condition -> 'factor') <> 'number' OR abs((condition ->> 'factor')::numeric) > 1e300) THEN
                RETURN format('the factor for %s must be a number', shown);
            ELSIF NOT measure.has_peers THEN
                RETURN format('%s is not compared with peers', shown);
            END IF;
        ELSE
            allowed := ARRAY(
                SELECT known.name FROM vigil.indicator_measures AS known
                WHERE known.scope = find_condition_fault.scope AND known.kind = 'setting' ORDER BY known.name COLLATE "C");
            word := condition ->> 'setting';
            IF jsonb_typeof(condition -> 'setting') <> 'string' OR word <> ALL (allowed) THEN
                RETURN format('unknown setting "%s" for %s; use one of %s', vigil.clean_label(word), shown, array_to_string(allowed, ', '));
            END IF;
    END CASE;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.find_condition_fault(text, jsonb, integer) IS 'What is wrong with a condition of vigil.indicators for entities or relationships, in words; null where nothing is.';
