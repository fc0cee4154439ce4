-- The end of every update.
DO $$
DECLARE
    attachment integer;
    is_extension CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vigil');
BEGIN
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

    -- A sidecar of the old version notices, writes nothing more and says so; one of the new version loads everything.
    PERFORM vigil.append_epoch('updated from @FROM@ to @VIGIL_VERSION@');
END
$$;
