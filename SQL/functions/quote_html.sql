CREATE FUNCTION vigil.quote_html(label text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
    COALESCE(label, ''), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');

COMMENT ON FUNCTION vigil.quote_html(text) IS 'A text as HTML that shows exactly this text, in an element or in a quoted attribute: no markup in it is taken as such.';
