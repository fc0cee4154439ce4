CREATE FUNCTION vigil.read_probe(probe oid, attached oid, row_alias text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET quote_all_identifiers = off
AS $$
DECLARE
    definition CONSTANT text := btrim(pg_get_viewdef(probe), E' \n');
    suffix CONSTANT text := (
        SELECT format(E' AS mirrored\n   FROM %I.%I %I,\n    %s;', nspname, relname, row_alias, vigil.probe_companion(attached, row_alias))
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = attached);
BEGIN
    IF definition !~ E'^SELECT\\s' OR right(definition, length(suffix)) <> suffix THEN
        RAISE EXCEPTION 'the expressions over % cannot be read', attached::regclass
            USING ERRCODE = 'internal_error', DETAIL = definition;
    END IF;
    RETURN btrim(substr(definition, 7, length(definition) - 6 - length(suffix)), E' \n');
END
$$;

COMMENT ON FUNCTION vigil.read_probe(oid, oid, text) IS 'The expression of a probe as the server writes it out: every name in it is qualified. Called by vigil.register_attachment().';
