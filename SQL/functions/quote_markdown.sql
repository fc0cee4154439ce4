CREATE FUNCTION vigil.quote_markdown(text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
RETURN regexp_replace(regexp_replace($1, E'[\\n\\r]+', ' ', 'g'), E'([\\\\`*_\\[\\]<>|~&#!])', E'\\\\\\1', 'g');

COMMENT ON FUNCTION vigil.quote_markdown(text) IS 'A text that Markdown shows as it is, also in a table.';
