CREATE FUNCTION vigil.find_end(
    attached regclass, which text, given text, end_table regclass, OUT attachment integer, OUT expression text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    columns CONSTANT text[] := vigil.split_columns(attached, given);
    definition record;
    parts text[];
BEGIN
    IF given IS NULL THEN
        RAISE EXCEPTION 'a relationship needs a %', which
            USING ERRCODE = 'invalid_parameter_value', HINT = format('%s => the column of %s that refers to an attached table.', which, attached);
    END IF;
    IF end_table IS NULL AND columns IS NOT NULL THEN
        -- What a foreign key of just these columns refers to.
        SELECT known.id, reference.confrelid::regclass,
            ARRAY(
                SELECT here.attname::text FROM unnest(known.key_columns) WITH ORDINALITY AS key (name, nth)
                JOIN pg_attribute AS there ON there.attrelid = reference.confrelid AND there.attname = key.name
                JOIN unnest(reference.conkey, reference.confkey) AS pair (here, there) ON pair.there = there.attnum
                JOIN pg_attribute AS here ON here.attrelid = attached AND here.attnum = pair.here
                ORDER BY key.nth)
        INTO attachment, end_table, parts
        FROM pg_constraint AS reference
        JOIN vigil.attachments AS known ON known.kind = 'e' AND vigil.attached_table(known.id) = reference.confrelid
        WHERE reference.contype = 'f' AND reference.conrelid = attached AND reference.conparentid = 0
            AND ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = attached AND attnum = ANY (reference.conkey) ORDER BY 1)
                = ARRAY(SELECT unnest(columns) ORDER BY 1)
            AND cardinality(known.key_columns) = cardinality(columns)
        ORDER BY known.id LIMIT 1;
        IF cardinality(parts) IS DISTINCT FROM cardinality(columns) THEN
            -- The key of the table itself.
            attachment := NULL;
            parts := NULL;
            SELECT attached INTO end_table FROM vigil.attachments AS known
            WHERE known.kind = 'e' AND vigil.attached_table(known.id) = attached
                AND ARRAY(SELECT unnest(known.key_columns) ORDER BY 1) = ARRAY(SELECT unnest(columns) ORDER BY 1);
        END IF;
    END IF;
    IF end_table IS NULL THEN
        RAISE EXCEPTION 'it is not clear which entities % => % of % refers to', which, quote_literal(given), attached
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = 'No foreign key of these columns refers to a table that is attached as entities.',
                HINT = format('Attach that table with vigil.attach_entities first, or name it: %s_table => ''...''.', which);
    END IF;
    SELECT * INTO definition FROM vigil.attachments AS known
    WHERE known.kind = 'e' AND vigil.attached_table(known.id) = end_table ORDER BY known.id LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not attached as entities', end_table
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Call vigil.attach_entities(''%s'', ...) first.', end_table);
    END IF;
    attachment := definition.id;
    IF parts IS NULL THEN
        IF cardinality(definition.key_columns) = 1 THEN
            parts := ARRAY[CASE WHEN cardinality(columns) = 1 THEN quote_ident(columns[1]) ELSE given END];
        ELSIF cardinality(columns) = cardinality(definition.key_columns) THEN
            -- The key of the table itself, in the order of the key; else in the order in which they are named.
            parts := ARRAY(SELECT quote_ident(name) FROM unnest(
                CASE WHEN end_table = attached AND columns @> definition.key_columns THEN definition.key_columns ELSE columns END) AS name);
        ELSE
            RAISE EXCEPTION '% => % does not match the key of %', which, quote_literal(given), end_table
                USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('Its key has %s columns: %s.', cardinality(definition.key_columns), array_to_string(definition.key_columns, ', ')),
                    HINT = 'Name as many columns, separated by commas, in the order of the key.';
        END IF;
    ELSE
        parts := ARRAY(SELECT quote_ident(name) FROM unnest(parts) AS name);
    END IF;
    expression := vigil.key_expression(parts, definition.key_types);
END
$$;

COMMENT ON FUNCTION vigil.find_end(regclass, text, text, regclass) IS 'In which attached table the source or target of relationships is found, and the expression of its key. Called by vigil.attach_relationships().';
