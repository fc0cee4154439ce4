CREATE FUNCTION vigil.attach_entities(
    attached regclass,
    type text,
    name text DEFAULT NULL,
    key text DEFAULT NULL,
    value text DEFAULT NULL,
    risk_score text DEFAULT NULL,
    confidence text DEFAULT NULL,
    source text DEFAULT NULL,
    sources text DEFAULT NULL,
    is_verified text DEFAULT NULL,
    description text DEFAULT NULL,
    metadata text DEFAULT NULL,
    tags text DEFAULT NULL,
    first_seen text DEFAULT NULL,
    last_seen text DEFAULT NULL,
    is_active text DEFAULT NULL,
    replace boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN vigil.attach_table('e', attached, jsonb_build_object(
            'type', type, 'name', name, 'value', value, 'risk_score', risk_score, 'confidence', confidence, 'source', source,
            'sources', sources, 'is_verified', is_verified, 'description', description, 'metadata', metadata, 'tags', tags,
            'first_seen', first_seen, 'last_seen', last_seen, 'is_active', is_active),
        key, NULL, NULL, replace);
END
$$;

COMMENT ON FUNCTION vigil.attach_entities(regclass, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean) IS 'Mirrors the rows of a table as entities from now on; CALL vigil.backfill() takes up those that are there. Each argument is the name of a column or an SQL expression over the columns of one row; type may also be an entity type, and key is a list of columns (the primary key by default). replace changes the attachment of a table that is attached. For the owner of the table. Returns the number of the attachment.';
