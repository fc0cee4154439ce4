CREATE FUNCTION vigil.quote_dot(label text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '"' || pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
    COALESCE(label, ''), '&', '&amp;'), pg_catalog.chr(92), pg_catalog.repeat(pg_catalog.chr(92), 2)), '"', pg_catalog.chr(92) || '"') || '"';

COMMENT ON FUNCTION vigil.quote_dot(text) IS 'A text as a quoted string of the DOT language that shows exactly this text: no escape, no entity and no markup in it is taken as such.';
