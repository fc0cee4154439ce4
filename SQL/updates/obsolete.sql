-- Before the grants, which touch every routine.
DO $$
DECLARE
    untouched CONSTANT text[] := pg_catalog.string_to_array(pg_catalog.current_setting('vigil.before_update'), ' ');
    gone_views CONSTANT name[] := ARRAY[@GONE_VIEWS@]::name[];
    gone text;
BEGIN
    -- Without CASCADE: what somebody has built on an obsolete object is named in the error, and stays.
    SELECT pg_catalog.string_agg(oid::regclass::text, ', ') INTO gone
    FROM pg_catalog.pg_class
    WHERE relnamespace = 'vigil'::regnamespace AND relkind = 'v' AND relname = ANY (gone_views);
    IF gone IS NOT NULL THEN
        EXECUTE 'DROP VIEW ' || gone;
    END IF;
    SELECT pg_catalog.string_agg(routine.oid::regprocedure::text, ', ') INTO gone
    FROM pg_catalog.pg_proc AS routine
    WHERE routine.pronamespace = 'vigil'::regnamespace
        AND pg_catalog.concat_ws('/', routine.oid, routine.xmin, routine.ctid) = ANY (untouched);
    IF gone IS NOT NULL THEN
        EXECUTE 'DROP ROUTINE ' || gone;
    END IF;
    PERFORM pg_catalog.set_config('vigil.before_update', '', true);
END
$$;
