-- A probe is a temporary view of the caller over the table (see probe_companion.sql), SELECT <expression> AS mirrored: so the server
-- has parsed the expression with the rights of the caller, and what it understood can be read in the
-- catalog. The trigger function evaluates it with the rights of Vigil's owner; so nothing may be in it
-- that a user has made: no function, operator or type with code of its own.
CREATE FUNCTION vigil.vet_probe(probe oid, attached oid)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    -- What is not made by initdb has a higher one.
    first_user_oid CONSTANT oid := 16384;
    tree text;
    problem text;
BEGIN
    SELECT ev_action::text INTO tree FROM pg_rewrite WHERE ev_class = probe AND ev_type = '1';
    problem := CASE
        WHEN tree IS NULL THEN 'it is no expression'
        WHEN tree ~ ':hasSubLinks true' OR tree ~ ':setOperations {' OR tree ~ E':cteList \\(' OR tree ~ E'[^\\\\]{QUERY .*[^\\\\]{QUERY ' THEN 'it contains a subquery'
        WHEN tree ~ ':hasAggs true' THEN 'it contains an aggregate function'
        WHEN tree ~ ':hasWindowFuncs true' THEN 'it contains a window function'
        WHEN tree ~ ':hasTargetSRFs true' THEN 'it contains a function that returns a set'
        WHEN tree !~ E':jointree {FROMEXPR :fromlist \\({RANGETBLREF :rtindex [0-9]+}( {RANGETBLREF :rtindex [0-9]+})?\\) :quals <>}'
            OR tree !~ ':groupClause <> ' OR tree !~ ':havingQual <> ' OR tree !~ ':distinctClause <> ' OR tree !~ ':sortClause <> '
            OR tree !~ ':limitOffset <> ' OR tree !~ ':limitCount <> ' OR tree !~ ':rowMarks <> '
            OR (SELECT count(*) FROM pg_attribute WHERE attrelid = probe AND attnum > 0) <> 1
            OR EXISTS (SELECT FROM regexp_matches(tree, ':rtekind ([0-9]+)', 'g') AS part WHERE part[1] <> '0')
            OR EXISTS (SELECT FROM regexp_matches(tree, ':relid ([0-9]+)', 'g') AS part WHERE part[1]::oid NOT IN (probe, attached))
            THEN 'it is more than an expression over one row'
        WHEN tree ~ ':varattno -' THEN 'it uses a system column'
        WHEN tree ~ E'[^\\\\]{SQLVALUEFUNCTION ' THEN 'it depends on the moment or on the session'
        WHEN tree ~ E'[^\\\\]{COERCETODOMAIN ' THEN 'it casts to a domain, whose checks may call other functions'
    END;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    SELECT CASE
            WHEN routine.oid >= first_user_oid THEN format('it calls %s, which is not a part of PostgreSQL itself', routine.oid::regprocedure)
            WHEN routine.provolatile = 'v' THEN format('it calls %s, which is volatile', routine.oid::regprocedure)
            ELSE format('it calls %s, which depends on the moment or on the session, or reads other data', routine.oid::regprocedure)
        END
    INTO problem
    FROM pg_proc AS routine
    WHERE routine.oid IN (
            SELECT part[1]::oid FROM regexp_matches(tree, ':(?:func|opfunc|aggfn|winfn)o?id ([0-9]+)', 'g') AS part
            UNION
            SELECT operator.oprcode FROM pg_operator AS operator
            WHERE operator.oid IN (
                SELECT number[1]::oid
                FROM regexp_matches(tree, E':opnos? (?:\\(o )?([0-9 ]+)', 'g') AS part,
                    regexp_matches(part[1], '[0-9]+', 'g') AS number))
        AND (routine.oid >= first_user_oid OR routine.provolatile = 'v'
            OR routine.provolatile = 's' AND (
                routine.pronargs = 0
                OR routine.proname ~ '_to_xml|^(pg_|has_|to_reg|current_|obj_|col_|shobj_|txid_|inet_)'
                OR routine.proname = 'age' AND routine.pronargs = 1
                -- Names of days and months, and money, depend on the locale of the session.
                OR routine.proname = 'to_char' AND routine.proargtypes[0] IN ('timestamp'::regtype, 'timestamptz'::regtype, 'interval'::regtype)))
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    SELECT format('it uses the operator %s, which is not a part of PostgreSQL itself', operator.oid::regoperator) INTO problem
    FROM pg_operator AS operator
    WHERE operator.oid >= first_user_oid AND operator.oid IN (
        SELECT number[1]::oid
        FROM regexp_matches(tree, E':opnos? (?:\\(o )?([0-9 ]+)', 'g') AS part, regexp_matches(part[1], '[0-9]+', 'g') AS number)
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;

    -- Enumerations, domains that are only read, and types that only a superuser can have made.
    WITH RECURSIVE used AS (
        SELECT part[1]::oid AS type FROM regexp_matches(tree, ':[a-z_]*type(?:id)? ([0-9]+)', 'g') AS part
        UNION
        SELECT atttypid FROM pg_attribute
        WHERE attrelid = attached AND attnum > 0 AND NOT attisdropped AND tree ~ ':varattno 0 '
        UNION
        SELECT CASE WHEN type.typtype = 'd' THEN type.typbasetype ELSE type.typelem END
        FROM used JOIN pg_type AS type ON type.oid = used.type
        WHERE type.typtype = 'd' OR type.typelem <> 0 AND type.typsubscript = 'array_subscript_handler'::regproc
    )
    SELECT format('it uses the type %s, which may call functions that are not a part of PostgreSQL itself', type.oid::regtype) INTO problem
    FROM used JOIN pg_type AS type ON type.oid = used.type
    WHERE type.oid >= first_user_oid
        AND type.oid NOT IN ('vigil.mirrored_entity'::regtype, 'vigil.mirrored_relationship'::regtype)
        AND type.oid <> (SELECT reltype FROM pg_class WHERE oid = attached)
        AND (type.typtype NOT IN ('b', 'd', 'e')
            OR EXISTS (
                SELECT FROM pg_cast
                WHERE castsource = type.oid AND castfunc >= first_user_oid AND casttarget IN ('json'::regtype, 'jsonb'::regtype)))
    LIMIT 1;
    RETURN problem;
END
$$;

COMMENT ON FUNCTION vigil.vet_probe(oid, oid) IS 'Why an expression over the rows of a table cannot be mirrored; null: it can. Called by vigil.attach_entities() and vigil.attach_relationships().';
