-- With the rights of the caller, who must be able to read the table. One batch is one transaction; the lock
-- comes before the snapshot that reads the rows, so that nothing that waited is taken up in between.
CREATE FUNCTION vigil.fill_batch(attached regclass, rows_per_batch integer)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'iso_8601'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET standard_conforming_strings = on
SET jit = off
SET enable_seqscan = off
SET enable_material = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    relation regclass;
    subject text;
    alias text;
    keys text;
    chosen text;
    one record;
    single record;
    entities vigil.mirrored_entity[];
    relationships vigil.mirrored_relationship[];
    rejected jsonb := '[]';
    seen bigint[];
    last_key text[];
    rows_found bigint;
    gone text[];
    gone_seen bigint[];
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'the back-fill needs the isolation level READ COMMITTED'
            USING ERRCODE = 'active_sql_transaction', HINT = 'SET default_transaction_isolation = ''read committed'' first.';
    END IF;
    SELECT * INTO definition FROM vigil.attachments AS known
    WHERE known.filled_at IS NULL AND vigil.attached_table(known.id) IS NOT NULL
        AND (attached IS NULL OR vigil.attached_table(known.id) = attached)
    ORDER BY known.kind, known.id LIMIT 1;
    IF NOT FOUND THEN
        -- What has come meanwhile and waits.
        RETURN vigil.mirror_pending(rows_per_batch) > 0;
    END IF;
    relation := vigil.attached_table(definition.id);
    IF NOT pg_try_advisory_xact_lock(1986619244, definition.id) THEN
        PERFORM pg_sleep(0.05);
        RETURN true;
    END IF;
    -- As of now: another session may have gone on.
    SELECT * INTO definition FROM vigil.attachments AS known WHERE known.id = definition.id;
    IF definition.filled_at IS NOT NULL THEN
        RETURN true;
    END IF;

    subject := CASE definition.kind WHEN 'e' THEN 'entities' ELSE 'relationships' END;
    alias := quote_ident(definition.row_alias);
    keys := (SELECT string_agg(format('%s.%I', alias, name), ', ' ORDER BY nth) FROM unnest(definition.key_columns) WITH ORDINALITY AS part (name, nth));
    chosen := format('%s AS attached_key, ARRAY[%s]::text[]::text AS key_parts FROM %s AS %s %s ORDER BY %s LIMIT %s',
        definition.key_expression,
        (SELECT string_agg(format('%s.%I::text', alias, name), ', ' ORDER BY nth) FROM unnest(definition.key_columns) WITH ORDINALITY AS part (name, nth)),
        relation, alias,
        CASE WHEN definition.fill_position IS NULL THEN '' ELSE format('WHERE (%s) > (%s)', keys,
            (SELECT string_agg(format('%L::%s', value, type), ', ' ORDER BY nth)
                FROM unnest(definition.fill_position, definition.key_types) WITH ORDINALITY AS part (value, type, nth))) END,
        keys, rows_per_batch);
    BEGIN
        EXECUTE format($query$
            SELECT count(*) AS rows_found, array_agg(batch.mirrored) AS mirrored, array_agg(known.attached_version) AS seen,
                (array_agg(batch.key_parts ORDER BY batch.nth DESC))[1]::text[] AS last_key
            FROM (SELECT *, row_number() OVER () AS nth FROM (SELECT %s AS mirrored, %s) AS chosen) AS batch
            LEFT JOIN vigil.%I AS known ON known.attachment_id = %s AND known.attached_key = batch.attached_key$query$,
            definition.row_expression, chosen, subject, definition.id)
        INTO one;
        rows_found := one.rows_found;
        seen := one.seen;
        last_key := one.last_key;
        IF definition.kind = 'e' THEN
            entities := one.mirrored;
        ELSE
            relationships := one.mirrored;
        END IF;
    EXCEPTION
        WHEN undefined_column OR undefined_function OR datatype_mismatch OR insufficient_privilege THEN
            RAISE EXCEPTION 'the rows of % cannot be read', relation
                USING ERRCODE = SQLSTATE, DETAIL = SQLERRM,
                    HINT = CASE SQLSTATE WHEN '42501' THEN format('GRANT SELECT ON %s TO %I.', relation, current_user)
                        ELSE 'The table has changed since it was attached. Attach it again with replace => true.' END;
        WHEN OTHERS THEN
            rows_found := NULL;
    END;
    IF rows_found IS NULL THEN
        -- An expression fails for at least one of the rows: one by one.
        rows_found := 0;
        seen := '{}';
        FOR one IN EXECUTE 'SELECT ' || chosen LOOP
            rows_found := rows_found + 1;
            last_key := one.key_parts;
            BEGIN
                EXECUTE format($query$
                    SELECT batch.mirrored, known.attached_version
                    FROM (SELECT %s AS mirrored FROM %s AS %s WHERE (%s) = (%s)) AS batch
                    LEFT JOIN vigil.%I AS known ON known.attachment_id = %s AND known.attached_key = (batch.mirrored).key$query$,
                    definition.row_expression, relation, alias, keys,
                    (SELECT string_agg(format('%L::%s', value, type), ', ' ORDER BY nth)
                        FROM unnest(last_key, definition.key_types) WITH ORDINALITY AS part (value, type, nth)), subject, definition.id)
                INTO single;
                IF definition.kind = 'e' AND (single.mirrored).key IS NOT NULL THEN
                    entities := entities || single.mirrored::vigil.mirrored_entity;
                    seen := seen || single.attached_version;
                ELSIF (single.mirrored).key IS NOT NULL THEN
                    relationships := relationships || single.mirrored::vigil.mirrored_relationship;
                    seen := seen || single.attached_version;
                END IF;
            EXCEPTION WHEN OTHERS THEN
                rejected := rejected || jsonb_build_object('key', one.attached_key, 'reason', SQLERRM, 'sqlstate', SQLSTATE);
            END;
        END LOOP;
    END IF;
    IF rows_found < rows_per_batch AND definition.fill_passes > 0 THEN
        -- The end of a comparison: what is mirrored of rows that are not there. Here all rows meet all; a batch
        -- must not read everything that is mirrored already.
        PERFORM set_config('enable_hashjoin', 'on', true), set_config('enable_seqscan', 'on', true);
        EXECUTE format($query$
            SELECT array_agg(known.attached_key), array_agg(known.attached_version)
            FROM (SELECT attached_key, attached_version FROM vigil.%I WHERE attachment_id = %s
                %s) AS known
            WHERE NOT EXISTS (SELECT FROM %s AS %s WHERE %s = known.attached_key)$query$,
            subject, definition.id,
            CASE definition.kind WHEN 'r' THEN format('UNION ALL SELECT key, version FROM vigil.parked_relationships WHERE attachment_id = %s', definition.id) ELSE '' END,
            relation, alias, definition.key_expression)
        INTO gone, gone_seen;
    END IF;
    BEGIN
        PERFORM vigil.fill_attachment(
            definition.id, entities, relationships, seen, last_key, rejected, gone, gone_seen, rows_found < rows_per_batch);
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        -- A writer is at these rows: it goes first.
        PERFORM pg_sleep(0.05);
    END;
    RETURN true;
END
$$;

COMMENT ON FUNCTION vigil.fill_batch(regclass, integer) IS 'Reads and mirrors the next batch of a back-fill; returns whether there may be more. Called by vigil.backfill().';
