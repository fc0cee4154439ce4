CREATE FUNCTION vigil.check_task_arguments(kind text, arguments jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Each argument: its JSON type, and the bounds of a number.
    known CONSTANT jsonb := '{
        "detect": {"entity_ids": "ids", "relationship_ids": "ids"},
        "scan_all": {},
        "retrain": {"seed": [0, 9007199254740991], "trees": [1, 10000], "sample_size": [2, 1000000], "contamination": [0, 0.499], "folds": [0, 20], "activate": "boolean", "challenge": "boolean", "skip_if_too_few": "boolean"},
        "daily_report": {"period_start": "time", "period_end": "time"},
        "export": {"anomaly_id": "uuid", "format": "format", "hops": [0, 10], "nodes": [1, 500]},
        "preview": {"entities": "rows", "relationships": "rows"},
        "maintenance": {},
        "drift": {"seed": [0, 9007199254740991]}}';
    ids_max CONSTANT integer := 10000;
    name text;
    value jsonb;
    form jsonb;
    is_right boolean;
    missing bigint;
    checked jsonb := coalesce(check_task_arguments.arguments, '{}');
BEGIN
    IF check_task_arguments.kind IS NULL OR known -> check_task_arguments.kind IS NULL THEN
        RAISE EXCEPTION 'there is no kind of task %', coalesce(quote_literal(vigil.clean_label("left"(check_task_arguments.kind, 200))), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use detect, scan_all, retrain, daily_report, export, preview, maintenance or drift.';
    END IF;
    IF jsonb_typeof(checked) <> 'object' THEN
        RAISE EXCEPTION 'the arguments of a task are a JSON object, not %', jsonb_typeof(checked)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    checked := jsonb_strip_nulls(checked);
    FOR name, value IN SELECT * FROM jsonb_each(checked) ORDER BY 1 LOOP
        form := known -> check_task_arguments.kind -> name;
        IF form IS NULL THEN
            RAISE EXCEPTION 'a task of kind % has no argument %', check_task_arguments.kind, quote_literal(vigil.clean_label("left"(name, 200)))
                USING ERRCODE = 'invalid_parameter_value',
                    HINT = coalesce('It has ' || (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(known -> check_task_arguments.kind) AS key) || '.',
                        'It has none.');
        END IF;
        BEGIN
            is_right := CASE
                WHEN jsonb_typeof(form) = 'array' THEN jsonb_typeof(value) = 'number'
                    AND (value::numeric) BETWEEN (form -> 0)::numeric AND (form -> 1)::numeric
                    AND (name = 'contamination' OR (value::numeric) % 1 = 0)
                WHEN form = '"boolean"' THEN jsonb_typeof(value) = 'boolean'
                WHEN form = '"format"' THEN value IN ('"svg"', '"png"', '"pdf"', '"dot"', '"mermaid"', '"graphml"', '"json"')
                WHEN form = '"rows"' THEN jsonb_typeof(value) = 'array'
                WHEN form = '"ids"' THEN jsonb_typeof(value) = 'array' AND jsonb_array_length(value) <= ids_max
                    AND NOT EXISTS (SELECT FROM jsonb_array_elements(value) AS id WHERE vigil.parse_id(id) IS NULL)
                ELSE jsonb_typeof(value) = 'string'
                    AND CASE form #>> '{}' WHEN 'time' THEN isfinite((value #>> '{}')::timestamptz) ELSE (value #>> '{}')::uuid IS NOT NULL END
                END;
        EXCEPTION WHEN data_exception THEN
            is_right := false;
        END;
        IF NOT is_right THEN
            RAISE EXCEPTION 'the argument % of a task of kind % cannot be %', name, check_task_arguments.kind, vigil.clean_label("left"(value::text, 400), 100)
                USING ERRCODE = 'invalid_parameter_value',
                    HINT = CASE
                        WHEN jsonb_typeof(form) = 'array' THEN format('It is a number from %s to %s.', form -> 0, form -> 1)
                        WHEN form = '"boolean"' THEN 'It is true or false.'
                        WHEN form = '"format"' THEN 'It is svg, png, pdf, dot, mermaid, graphml or json.'
                        WHEN form = '"rows"' THEN 'It is an array of JSON objects.'
                        WHEN form = '"ids"' THEN format('It is an array of ids, %s at most.', ids_max)
                        WHEN form = '"time"' THEN 'It is a time, such as 2030-01-31T00:00:00Z.'
                        ELSE 'It is the id of an anomaly.' END;
        END IF;
        IF form = '"ids"' THEN
            checked := checked || jsonb_build_object(name, (
                SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM (SELECT DISTINCT vigil.parse_id(item) FROM jsonb_array_elements(value) AS item) AS ids (id)));
        ELSIF form = '"time"' THEN
            checked := checked || jsonb_build_object(name, to_char((value #>> '{}')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
        END IF;
    END LOOP;

    CASE check_task_arguments.kind
        WHEN 'detect' THEN
            IF coalesce(jsonb_array_length(checked -> 'entity_ids'), 0) + coalesce(jsonb_array_length(checked -> 'relationship_ids'), 0) = 0 THEN
                RAISE EXCEPTION 'a task of kind detect needs entity_ids or relationship_ids' USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'A task of kind scan_all judges every entity.';
            END IF;
            SELECT given.entity_id::bigint INTO missing
            FROM jsonb_array_elements_text(coalesce(checked -> 'entity_ids', '[]')) AS given (entity_id)
            WHERE NOT EXISTS (SELECT FROM vigil.entities AS entity WHERE entity.id = given.entity_id::bigint)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'there is no entity %', missing USING ERRCODE = 'no_data_found';
            END IF;
            SELECT given.relationship_id::bigint INTO missing
            FROM jsonb_array_elements_text(coalesce(checked -> 'relationship_ids', '[]')) AS given (relationship_id)
            WHERE NOT EXISTS (SELECT FROM vigil.relationships AS relationship WHERE relationship.id = given.relationship_id::bigint)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'there is no relationship %', missing USING ERRCODE = 'no_data_found';
            END IF;
        WHEN 'daily_report' THEN
            IF (checked ->> 'period_start')::timestamptz >= (checked ->> 'period_end')::timestamptz THEN
                RAISE EXCEPTION 'the period of a report must end later than it begins' USING ERRCODE = 'invalid_parameter_value';
            END IF;
        WHEN 'export' THEN
            checked := '{"format": "svg", "hops": 1, "nodes": 60}' || checked;
            IF NOT EXISTS (SELECT FROM vigil.anomalies AS anomaly WHERE anomaly.id = (checked ->> 'anomaly_id')::uuid) THEN
                RAISE EXCEPTION 'there is no anomaly %', coalesce(checked ->> 'anomaly_id', 'NULL')
                    USING ERRCODE = 'no_data_found', HINT = 'See SELECT * FROM vigil.anomalies_recent.';
            END IF;
        WHEN 'preview' THEN
            checked := vigil.check_preview(checked);
        ELSE
            NULL;
    END CASE;
    RETURN checked;
END
$$;

COMMENT ON FUNCTION vigil.check_task_arguments(text, jsonb) IS 'Refuses arguments that a kind of task does not take, and returns the others in one form. detect: entity_ids, relationship_ids; scan_all and maintenance: none; retrain: seed, trees, sample_size, contamination, folds, activate, challenge, skip_if_too_few; daily_report: period_start, period_end; export: anomaly_id, format, hops, nodes; preview: entities, relationships; drift: seed.';
