CREATE FUNCTION vigil.check_words(argument text, words text[], allowed text[])
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    word text;
BEGIN
    FOREACH word IN ARRAY coalesce(words, '{}') LOOP
        IF word <> ALL (allowed) THEN
            RAISE EXCEPTION 'there is no % %', argument, quote_literal(vigil.clean_label(word))
                USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Use %s.', regexp_replace(array_to_string(allowed, ', '), ', ([^,]*)$', E' or \\1'));
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION vigil.check_words(text, text[], text[]) IS 'Refuses words that are not among the allowed ones, and names those.';
