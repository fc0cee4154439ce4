CREATE FUNCTION vigil.parse_cron_field(field text, value text, minimum integer, maximum integer, names text[] DEFAULT '{}')
RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown CONSTANT text := quote_literal(vigil.clean_label("left"(parse_cron_field.value, 200)));
    item text;
    part text;
    parts text[];
    ends integer[];
    step integer;
    numbers integer[] := '{}';
BEGIN
    FOREACH item IN ARRAY string_to_array(lower(parse_cron_field.value), ',') LOOP
        parts := regexp_match(item, '^([*]|[0-9]{1,4}|[a-z]{3})(?:-([0-9]{1,4}|[a-z]{3}))?(?:/([0-9]{1,4}))?$');
        IF parts IS NULL OR (parts[1] = '*' AND parts[2] IS NOT NULL) THEN
            RAISE EXCEPTION 'the field "%" of a cron expression cannot be %', parse_cron_field.field, shown
                USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('%s is neither *, a number, a range such as %s-%s, nor one of these with a step such as */2.',
                        quote_literal(vigil.clean_label("left"(item, 60))), minimum, maximum);
        END IF;
        ends := '{}';
        FOREACH part IN ARRAY ARRAY[parts[1], parts[2]] LOOP
            CONTINUE WHEN part IS NULL;
            ends := ends || CASE
                WHEN part = '*' THEN minimum
                WHEN part ~ '^[0-9]' THEN part::integer
                ELSE array_position(names, part) - 1 + minimum END;
            IF ends[cardinality(ends)] IS NULL OR ends[cardinality(ends)] NOT BETWEEN minimum AND maximum THEN
                RAISE EXCEPTION 'the field "%" of a cron expression cannot be %', parse_cron_field.field, shown
                    USING ERRCODE = 'invalid_parameter_value',
                        DETAIL = format('%s is not from %s to %s%s.', quote_literal(part), minimum, maximum,
                            CASE WHEN cardinality(names) > 0 THEN format(', nor one of %s', array_to_string(names, ', ')) ELSE '' END);
            END IF;
        END LOOP;
        IF parts[1] = '*' THEN
            ends := ARRAY[minimum, maximum];
        ELSIF parts[2] IS NULL THEN
            IF parts[3] IS NOT NULL THEN
                RAISE EXCEPTION 'the field "%" of a cron expression cannot be %', parse_cron_field.field, shown
                    USING ERRCODE = 'invalid_parameter_value', DETAIL = 'A step needs a range.',
                        HINT = format('Write %s-%s/%s.', parts[1], maximum, parts[3]);
            END IF;
            ends := ARRAY[ends[1], ends[1]];
        -- Sunday is 0 and 7: a range of weekdays may end with it.
        ELSIF ends[2] = 0 AND ends[1] > 0 AND maximum = 7 THEN
            ends[2] := 7;
        END IF;
        step := coalesce(parts[3]::integer, 1);
        IF ends[1] > ends[2] OR step = 0 THEN
            RAISE EXCEPTION 'the field "%" of a cron expression cannot be %', parse_cron_field.field, shown
                USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = CASE WHEN step = 0 THEN 'A step is 1 or more.' ELSE format('The range %s ends before it begins.', split_part(item, '/', 1)) END;
        END IF;
        numbers := numbers || ARRAY(SELECT generate_series(ends[1], ends[2], step));
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT number FROM unnest(numbers) AS number ORDER BY number);
END
$$;

COMMENT ON FUNCTION vigil.parse_cron_field(text, text, integer, integer, text[]) IS 'The numbers that one field of a cron expression stands for, ascending. An error names the field.';
