-- With the rights of the caller: the expressions are parsed with them, and only the owner of a table can put
-- triggers on it.
CREATE FUNCTION vigil.attach_table(
    kind "char", attached regclass, options jsonb, key text, source_table regclass, target_table regclass, replace boolean)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    row_type CONSTANT regtype := CASE kind WHEN 'e' THEN 'vigil.mirrored_entity' ELSE 'vigil.mirrored_relationship' END;
    types_table CONSTANT text := CASE kind WHEN 'e' THEN 'entity_types' ELSE 'relationship_types' END;
    row_alias text;
    key_columns text[];
    key_types text[];
    expressions text[] := '{}';
    expression text;
    option record;
    is_known boolean;
    source_attachment integer;
    target_attachment integer;
    source_expression text;
    target_expression text;
    mapped integer := 0;
    existing integer;
    attachment integer;
BEGIN
    PERFORM vigil.check_attachable(attached);
    -- No writer is halfway through a statement while the triggers are made.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', attached);
    -- The name by which expressions may call the row; names that the trigger function uses would be in its way.
    SELECT CASE WHEN relname ~ '^(vigil_|tg_|old_rows$|new_rows$|first_rows$|all_rows$|sqlerrm$|sqlstate$|found$)' THEN 'attached_row' ELSE relname END
    INTO row_alias FROM pg_class WHERE oid = attached;
    SELECT named.key_columns, named.key_types INTO key_columns, key_types FROM vigil.find_key(attached, key) AS named;
    expressions := ARRAY[vigil.key_expression(ARRAY(SELECT quote_ident(name) FROM unnest(key_columns) AS name), key_types)];
    options := options || jsonb_build_object('key', key_columns);
    IF kind = 'r' THEN
        SELECT found_end.attachment, found_end.expression INTO source_attachment, source_expression
        FROM vigil.find_end(attached, 'source', options ->> 'source', source_table) AS found_end;
        SELECT found_end.attachment, found_end.expression INTO target_attachment, target_expression
        FROM vigil.find_end(attached, 'target', options ->> 'target', target_table) AS found_end;
    END IF;
    IF options ->> 'type' IS NULL THEN
        RAISE EXCEPTION 'a type is needed'
            USING ERRCODE = 'invalid_parameter_value',
                HINT = format('type => a type of vigil.%s, a column, or an expression.', types_table);
    END IF;

    SELECT known.id INTO existing FROM vigil.attachments AS known
    WHERE known.kind = attach_table.kind AND vigil.attached_table(known.id) = attached
        AND (attach_table.kind = 'e'
            OR known.options ->> 'source' = attach_table.options ->> 'source' AND known.options ->> 'target' = attach_table.options ->> 'target');
    IF existing IS NOT NULL AND replace IS NOT TRUE THEN
        RAISE EXCEPTION 'table % is attached already', attached
            USING ERRCODE = 'duplicate_object', DETAIL = format('It is attachment %s.', existing),
                HINT = 'Add replace => true to change how its rows are mirrored, or call vigil.detach first.';
    END IF;

    -- One expression for each attribute of the row type, in its order.
    FOR option IN
        SELECT attname::text AS name, attnum, options ->> attname::text AS given, atttypid
        FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = row_type) AND attnum > 1
        ORDER BY attnum
    LOOP
        expression := option.given;
        IF option.name IN ('source_key', 'target_key') THEN
            expression := CASE option.name WHEN 'source_key' THEN source_expression ELSE target_expression END;
            PERFORM vigil.check_expression(attached, row_alias, CASE option.name WHEN 'source_key' THEN 'source' ELSE 'target' END, expression);
        ELSIF option.given IS NULL THEN
            expression := 'NULL';
        ELSE
            IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = option.given AND attnum > 0 AND NOT attisdropped) THEN
                expression := quote_ident(option.given);
            ELSIF option.name = 'type' THEN
                -- The bare name of a type, or a constant.
                EXECUTE format('SELECT EXISTS (SELECT FROM vigil.%I WHERE type = $1)', types_table) INTO is_known USING option.given;
                IF is_known THEN
                    expression := quote_literal(option.given);
                ELSIF option.given ~ E'^\\s*''([^'']|'''')*''\\s*$' THEN
                    expression := replace(substr(btrim(option.given), 2, length(btrim(option.given)) - 2), '''''', '''');
                    EXECUTE format('SELECT EXISTS (SELECT FROM vigil.%I WHERE type = $1)', types_table) INTO is_known USING expression;
                    IF NOT is_known THEN
                        RAISE EXCEPTION 'there is no type % in vigil.%', quote_literal(expression), types_table
                            USING ERRCODE = 'undefined_object', HINT = format('Add it: INSERT INTO vigil.%s (type, description) VALUES (%L, ''...'').', types_table, expression);
                    END IF;
                    expression := quote_literal(expression);
                END IF;
            END IF;
            PERFORM vigil.check_expression(attached, row_alias, option.name, expression);
            -- The bits count from the first attribute that need not be given.
            IF option.name <> 'type' THEN
                mapped := mapped | (1 << (option.attnum - CASE kind WHEN 'e' THEN 3 ELSE 5 END));
            END IF;
        END IF;
        expressions := expressions || format(E'(%s\n)::%s', expression, option.atttypid::regtype);
    END LOOP;

    PERFORM vigil.drop_probes();
    EXECUTE format('CREATE TEMPORARY VIEW vigil_probe AS SELECT ROW(%s)::%s AS mirrored FROM %s AS %I, %s',
        array_to_string(expressions, ', '), row_type, attached, row_alias, vigil.probe_companion(attached, row_alias));
    EXECUTE format('CREATE TEMPORARY VIEW vigil_key_probe AS SELECT %s AS mirrored FROM %s AS %I, %s', expressions[1], attached, row_alias,
        vigil.probe_companion(attached, row_alias));
    attachment := vigil.register_attachment(
        kind, attached, 'pg_temp.vigil_probe', 'pg_temp.vigil_key_probe', row_alias, jsonb_strip_nulls(options), key_columns, key_types,
        source_attachment, target_attachment, mapped, existing);
    PERFORM vigil.drop_probes();

    PERFORM vigil.hang_triggers(attachment, kind, attached);
    PERFORM vigil.seal_attachment(attachment);
    RETURN attachment;
END
$$;

COMMENT ON FUNCTION vigil.attach_table("char", regclass, jsonb, text, regclass, regclass, boolean) IS 'Attaches a table; returns the number of the attachment. Called by vigil.attach_entities() and vigil.attach_relationships().';
