-- With the rights of the caller, who could run any statement anyway. A cursor takes a single statement and
-- is never read; the probe that is left for the next check is parsed, never run.
CREATE FUNCTION vigil.check_expression(attached regclass, row_alias text, option text, expression text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    probe refcursor;
    given oid;
    wanted text;
    problem text;
    state text;
    hint text;
BEGIN
    BEGIN
        OPEN probe FOR EXECUTE format(E'SELECT (%s\n) AS mirrored FROM %s AS %I WHERE false', expression, attached, row_alias);
        CLOSE probe;
        PERFORM vigil.drop_probes();
        EXECUTE format(E'CREATE TEMPORARY VIEW vigil_probe AS SELECT (%s\n) AS mirrored FROM %s AS %I', expression, attached, row_alias);
    EXCEPTION
        WHEN undefined_column THEN
            problem := SQLERRM; state := SQLSTATE;
            hint := format('%s has the columns %s. A text constant needs quotes of its own: %s => ''''''text''''''.', attached,
                (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = attached AND attnum > 0 AND NOT attisdropped), option);
        WHEN OTHERS THEN
            problem := SQLERRM; state := SQLSTATE;
            hint := CASE state WHEN '42501' THEN 'The checks need the rights to read the table and to make temporary objects in the database.'
                ELSE 'Give the name of a column or an expression over the columns of one row.' END;
    END;
    IF problem IS NULL THEN
        problem := vigil.vet_probe('pg_temp.vigil_probe'::regclass, attached);
        state := '22023';
        hint := 'Use columns and the functions and operators of PostgreSQL that depend on their arguments alone; make a generated column for anything else.';
    END IF;
    IF problem IS NULL THEN
        SELECT atttypid INTO given FROM pg_attribute WHERE attrelid = 'pg_temp.vigil_probe'::regclass AND attnum = 1;
        wanted := CASE
            WHEN option IN ('risk_score', 'confidence', 'weight') THEN 'a number'
            WHEN option IN ('is_verified', 'is_active', 'verified') THEN 'boolean'
            WHEN option IN ('first_seen', 'last_seen', 'first_observed', 'last_observed') THEN 'timestamp with time zone'
            WHEN option IN ('sources', 'tags') THEN 'text[]'
            WHEN option IN ('metadata', 'evidence') THEN 'jsonb'
            ELSE 'text' END;
        IF NOT (CASE wanted
            WHEN 'a number' THEN (SELECT typcategory FROM pg_type WHERE oid = given) = 'N'
            WHEN 'boolean' THEN given = 'boolean'::regtype
            WHEN 'timestamp with time zone' THEN given IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
            WHEN 'text[]' THEN given IN ('text[]'::regtype, 'varchar[]'::regtype, 'name[]'::regtype)
            WHEN 'jsonb' THEN given IN ('json'::regtype, 'jsonb'::regtype)
            ELSE true END)
        THEN
            problem := format('it is of type %s, and %s must be %s', given::regtype, option, wanted);
            state := '42804';
            hint := format('Convert it: %s => ''...%s''.', option, CASE wanted WHEN 'a number' THEN '::double precision' WHEN 'timestamp with time zone' THEN '::timestamptz'
                WHEN 'jsonb' THEN '::jsonb, or jsonb_build_object(...)' ELSE '::' || wanted END);
        END IF;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '% => % cannot be used for table %', option, quote_literal(left(expression, 200)), attached
            USING ERRCODE = state, DETAIL = upper(left(problem, 1) COLLATE "C") || substr(problem, 2) || '.', HINT = hint;
    END IF;
END
$$;

COMMENT ON FUNCTION vigil.check_expression(regclass, text, text, text) IS 'Refuses an expression that cannot be mirrored, with the reason. Called by vigil.attach_entities() and vigil.attach_relationships().';
