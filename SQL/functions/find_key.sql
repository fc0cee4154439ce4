CREATE FUNCTION vigil.find_key(attached regclass, key text, OUT key_columns text[], OUT key_types text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    bad record;
BEGIN
    IF find_key.key IS NULL THEN
        SELECT array_agg(attname::text ORDER BY nth) INTO key_columns
        FROM pg_index, unnest(indkey::smallint[]) WITH ORDINALITY AS part (attnum, nth)
        JOIN pg_attribute USING (attnum)
        WHERE indrelid = attached AND attrelid = attached AND indisprimary AND nth <= indnkeyatts;
        IF key_columns IS NULL THEN
            RAISE EXCEPTION 'table % has no primary key', attached
                USING ERRCODE = 'invalid_table_definition',
                    DETAIL = 'Rows are told apart by their key, or an UPDATE or DELETE could not be followed.',
                    HINT = format('Name columns that are NOT NULL and have a unique index (key => ''...''), or add a key: ALTER TABLE %s ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY.', attached);
        END IF;
    ELSE
        key_columns := vigil.split_columns(attached, find_key.key);
        IF key_columns IS NULL THEN
            RAISE EXCEPTION 'key => % does not name columns of %', quote_literal(find_key.key), attached
                USING ERRCODE = 'undefined_column',
                    HINT = 'Give the names of the columns, separated by commas. An expression cannot be a key: make it a generated column with a unique index.';
        END IF;
    END IF;
    -- In whatever order the index has them.
    IF NOT EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = attached AND indisunique AND indimmediate AND indisvalid AND indpred IS NULL AND indexprs IS NULL
            AND indnkeyatts = cardinality(key_columns)
            AND (SELECT array_agg(attname::text ORDER BY attname) FROM unnest(indkey::smallint[]) WITH ORDINALITY AS part (attnum, nth)
                    JOIN pg_attribute USING (attnum) WHERE attrelid = attached AND nth <= indnkeyatts)
                = (SELECT array_agg(name ORDER BY name) FROM unnest(key_columns) AS name))
        OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = attached AND attname = ANY (key_columns) AND NOT attnotnull)
    THEN
        RAISE EXCEPTION 'the key % of % is not unique', array_to_string(ARRAY(SELECT quote_ident(name) FROM unnest(key_columns) AS name), ', '), attached
            USING ERRCODE = 'invalid_table_definition',
                DETAIL = 'The key needs a unique index on just these columns, without a predicate and not deferrable, and the columns must be NOT NULL.',
                HINT = 'Leave key out to take the primary key.';
    END IF;
    -- Of a domain the type below it; it may be a domain itself.
    WITH RECURSIVE type AS (
        SELECT nth, atttypid AS oid
        FROM unnest(key_columns) WITH ORDINALITY AS part (name, nth)
        JOIN pg_attribute ON attrelid = attached AND attname = name
        UNION ALL
        SELECT nth, typbasetype FROM type JOIN pg_type USING (oid) WHERE typtype = 'd'
    )
    SELECT array_agg(format_type(oid, -1) ORDER BY nth) INTO key_types
    FROM type JOIN pg_type USING (oid) WHERE typtype <> 'd';
    SELECT name, type INTO bad
    FROM unnest(key_columns, key_types) AS part (name, type)
    JOIN pg_attribute ON attrelid = attached AND attname = name
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE type::regtype NOT IN (
            'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'oid'::regtype, 'numeric'::regtype, 'text'::regtype, 'varchar'::regtype,
            'bpchar'::regtype, 'name'::regtype, 'uuid'::regtype, 'boolean'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype,
            'bytea'::regtype, 'inet'::regtype, 'cidr'::regtype, 'macaddr'::regtype, 'macaddr8'::regtype)
            AND NOT EXISTS (SELECT FROM pg_type WHERE oid = type::regtype AND typtype = 'e')
        OR NOT collisdeterministic;
    IF FOUND THEN
        RAISE EXCEPTION 'column % of type % cannot be in the key of %', quote_ident(bad.name), bad.type, attached
            USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Equal keys must have the same text.',
                HINT = 'Keys may be integers, numeric, text, uuid, boolean, date, timestamp, bytea, network addresses and enumerations, with deterministic collations.';
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.find_key(regclass, text) IS 'The key columns of a table and their types: those that are named, or the primary key. Called by vigil.attach_entities() and vigil.attach_relationships().';
