-- The end of every update.
DO $$
DECLARE
    untouched CONSTANT text[] := pg_catalog.string_to_array(pg_catalog.current_setting('vigil.before_update'), ' ');
    gone_views CONSTANT name[] := ARRAY[@GONE_VIEWS@]::name[];
    gone text;
    attachment integer;
    is_extension CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vigil');
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

    -- The trigger functions of attached tables, as this version writes them. They are no members of the
    -- extension, and an update may replace members only: so each is one for a moment.
    FOR attachment IN
        SELECT known.id
        FROM vigil.attachments AS known
        JOIN pg_catalog.pg_proc AS routine ON routine.oid = pg_catalog.to_regprocedure(pg_catalog.format('vigil.%I()', 'mirror_' || known.id))
        WHERE routine.proowner = current_user::regrole
        ORDER BY known.id
    LOOP
        IF is_extension THEN
            EXECUTE pg_catalog.format('ALTER EXTENSION vigil ADD FUNCTION vigil.%I()', 'mirror_' || attachment);
        END IF;
        PERFORM vigil.regenerate_mirror(attachment);
        IF is_extension THEN
            EXECUTE pg_catalog.format('ALTER EXTENSION vigil DROP FUNCTION vigil.%I()', 'mirror_' || attachment);
        END IF;
    END LOOP;

    -- A sidecar of the old version notices, and stops with a message; one of the new version loads everything.
    PERFORM vigil.append_epoch('updated from @FROM@ to @VIGIL_VERSION@');
END
$$;
