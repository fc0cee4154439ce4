-- The trigger function of one attached table. The only text in it that comes from outside are the two
-- expressions, which the server has parsed, vigil.register_attachment() has checked, and the server has written out.
--
-- With the rights of the owner, because writers of the table need none in Vigil. The expressions call
-- functions of PostgreSQL alone. They run in a block without any write, so that their errors cost no
-- transaction id; a row whose expression fails is found by evaluating them one by one.
CREATE FUNCTION vigil.regenerate_mirror(attachment integer)
RETURNS regprocedure
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    is_entity boolean;
    row_type text;
    row_list text;
    write_call text;
    settings text := '';
    name text;
BEGIN
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = attachment;
    is_entity := definition.kind = 'e';
    name := 'mirror_' || attachment;
    row_type := CASE WHEN is_entity THEN 'vigil.mirrored_entity' ELSE 'vigil.mirrored_relationship' END;
    row_list := CASE WHEN is_entity THEN 'entities' ELSE 'relationships' END;
    write_call := CASE WHEN is_entity
        THEN format('vigil.write_entities(%s, %s, ', attachment, definition.mapped)
        ELSE format('vigil.write_relationships(%s, %s, %s, %s, ', attachment,
            definition.source_attachment_id, definition.target_attachment_id, definition.mapped) END;
    -- What the text of values depends on is the same for all writers.
    IF definition.options ? 'is_sensitive' THEN
        settings := E'SET TimeZone = ''UTC''\nSET DateStyle = ''ISO, YMD''\nSET IntervalStyle = ''iso_8601''\nSET bytea_output = ''hex''\nSET extra_float_digits = 1\n';
    END IF;
    IF strpos(definition.row_expression || definition.row_alias, E'\\') > 0 THEN
        settings := settings || E'SET standard_conforming_strings = on\n';
    END IF;
    EXECUTE format($create$
CREATE OR REPLACE FUNCTION vigil.%1$I()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
%2$sAS %3$L
$create$, name, settings,
    format($body$
#variable_conflict use_column
DECLARE
    vigil_rows %1$s[];
    vigil_keys text[];
    vigil_old text[];
    vigil_problem text;
    vigil_state text;
    vigil_version bigint;
    vigil_count bigint;
BEGIN
    -- After a restore by another role this function may belong to one that has no rights in Vigil.
    IF NOT pg_catalog.has_function_privilege('vigil.truncate_mirror(integer)', 'EXECUTE') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM vigil.truncate_mirror(%3$s);
        RETURN NULL;
    END IF;

    IF TG_OP = 'DELETE' THEN
        BEGIN
            SELECT pg_catalog.array_agg(key) INTO vigil_keys FROM (SELECT %8$s AS key FROM old_rows AS %6$s LIMIT 1001) AS first_rows;
        EXCEPTION WHEN OTHERS THEN
            PERFORM vigil.reject_row(%3$s, NULL, 'a DELETE: ' || SQLERRM, SQLSTATE);
            RETURN NULL;
        END;
        IF cardinality(vigil_keys) <= 1000 THEN
            PERFORM vigil.drop_%2$s(%3$s, vigil_keys);
        ELSIF vigil_keys IS NOT NULL THEN
            vigil_version := nextval('vigil.mirror_clock');
            INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
            SELECT %3$s, 'D', vigil_version, count(*), pg_catalog.array_agg(key)
            FROM (SELECT %8$s AS key, (row_number() OVER () - 1) / 1000 AS chunk FROM old_rows AS %6$s) AS all_rows GROUP BY chunk;
            PERFORM vigil.mirror_at_once(%3$s, (SELECT count(*) FROM old_rows), vigil_version);
        END IF;
        RETURN NULL;
    END IF;

    BEGIN
        SELECT pg_catalog.array_agg(mirrored) INTO vigil_rows FROM (SELECT %7$s AS mirrored FROM new_rows AS %6$s LIMIT 1001) AS first_rows;
        IF TG_OP = 'UPDATE' THEN
            SELECT pg_catalog.array_agg(key) INTO vigil_old FROM (SELECT %8$s AS key FROM old_rows AS %6$s LIMIT 1001) AS first_rows;
            vigil_keys := ARRAY(SELECT given.key FROM unnest(vigil_rows) AS given);
        END IF;
    EXCEPTION WHEN OTHERS THEN
        vigil_problem := SQLERRM;
        vigil_state := SQLSTATE;
    END;

    IF vigil_problem IS NULL THEN
        IF vigil_rows IS NULL THEN
            RETURN NULL;
        ELSIF cardinality(vigil_rows) <= 1000 THEN
            IF TG_OP = 'INSERT' THEN
                PERFORM %5$svigil_rows, 'I');
            ELSE
                IF vigil_keys <> vigil_old THEN
                    PERFORM vigil.rename_keys(%3$s, '%4$s', vigil_old, vigil_keys);
                END IF;
                PERFORM %5$svigil_rows, 'U');
            END IF;
            RETURN NULL;
        END IF;
        -- Many rows: a savepoint does not count, and one bad row is found at the end of them all.
        BEGIN
            vigil_version := nextval('vigil.mirror_clock');
            IF TG_OP = 'UPDATE' THEN
                INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, keys)
                SELECT %3$s, 'D', vigil_version, count(*), pg_catalog.array_agg(key)
                FROM (SELECT %8$s AS key FROM old_rows AS %6$s EXCEPT SELECT %8$s AS key FROM new_rows AS %6$s) AS vanished
                HAVING count(*) > 0;
                vigil_version := nextval('vigil.mirror_clock');
            END IF;
            INSERT INTO vigil.pending_rows (attachment_id, operation, version, row_count, %2$s)
            SELECT %3$s, pg_catalog.left(TG_OP, 1)::"char", vigil_version, count(*), pg_catalog.array_agg(mirrored)
            FROM (SELECT %7$s AS mirrored, (row_number() OVER () - 1) / 1000 AS chunk FROM new_rows AS %6$s) AS all_rows GROUP BY chunk;
        EXCEPTION WHEN OTHERS THEN
            vigil_problem := SQLERRM;
            vigil_state := SQLSTATE;
        END;
        IF vigil_problem IS NULL THEN
            PERFORM vigil.mirror_at_once(%3$s, (SELECT count(*) FROM new_rows), vigil_version - 1);
            RETURN NULL;
        END IF;
    END IF;

    -- An expression fails for at least one of the rows: one by one.
    DECLARE
        vigil_key text;
        %6$s record;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            SELECT pg_catalog.array_agg(key), count(*) INTO vigil_old, vigil_count FROM (SELECT %8$s AS key FROM old_rows AS %6$s) AS all_rows;
            SELECT pg_catalog.array_agg(key) INTO vigil_keys FROM (SELECT %8$s AS key FROM new_rows AS %6$s) AS all_rows;
            IF vigil_keys <> vigil_old THEN
                PERFORM vigil.rename_keys(%3$s, '%4$s', vigil_old, vigil_keys);
            END IF;
        END IF;
        vigil_rows := '{}';
        vigil_version := NULL;
        FOR %6$s IN SELECT * FROM new_rows LOOP
            vigil_key := %8$s;
            BEGIN
                vigil_rows := vigil_rows || (%7$s);
            EXCEPTION WHEN OTHERS THEN
                PERFORM vigil.reject_row(%3$s, vigil_key, SQLERRM, SQLSTATE);
            END;
            IF cardinality(vigil_rows) = 1000 THEN
                PERFORM %5$svigil_rows, pg_catalog.left(TG_OP, 1)::"char");
                vigil_rows := '{}';
            END IF;
        END LOOP;
        IF cardinality(vigil_rows) > 0 THEN
            PERFORM %5$svigil_rows, pg_catalog.left(TG_OP, 1)::"char");
        END IF;
    EXCEPTION WHEN OTHERS THEN
        -- Not even the key can be had: a column was renamed or dropped, or its type was changed.
        PERFORM vigil.reject_row(%3$s, NULL, CASE TG_OP WHEN 'INSERT' THEN 'an INSERT: ' ELSE 'an UPDATE: ' END || SQLERRM, SQLSTATE);
    END;
    RETURN NULL;
END
$body$, row_type, row_list, attachment, definition.kind, write_call,
        -- Always in quotes: PL/pgSQL has keywords of its own.
        '"' || replace(definition.row_alias, '"', '""') || '"', definition.row_expression, definition.key_expression));
    EXECUTE format('COMMENT ON FUNCTION vigil.%I() IS %L', name,
        'Trigger function: mirrors what is written to an attached table (see vigil.attached_tables). Written by Vigil.');
    EXECUTE format('REVOKE ALL ON FUNCTION vigil.%I() FROM PUBLIC', name);
    -- So DROP EXTENSION removes it, and with it the triggers.
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vigil') THEN
        EXECUTE format('ALTER FUNCTION vigil.%I() DEPENDS ON EXTENSION vigil', name);
    END IF;
    RETURN format('vigil.%I()', name)::regprocedure;
END
$$;

COMMENT ON FUNCTION vigil.regenerate_mirror(integer) IS 'Writes the trigger function of an attached table anew. Called when a table is attached, and by updates of Vigil.';
