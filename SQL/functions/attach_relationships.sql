CREATE FUNCTION vigil.attach_relationships(
    attached regclass,
    type text,
    source text,
    target text,
    source_table regclass DEFAULT NULL,
    target_table regclass DEFAULT NULL,
    key text DEFAULT NULL,
    confidence text DEFAULT NULL,
    weight text DEFAULT NULL,
    sources text DEFAULT NULL,
    evidence text DEFAULT NULL,
    description text DEFAULT NULL,
    metadata text DEFAULT NULL,
    first_observed text DEFAULT NULL,
    last_observed text DEFAULT NULL,
    verified text DEFAULT NULL,
    is_active text DEFAULT NULL,
    replace boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN vigil.attach_table('r', attached, jsonb_build_object(
            'type', type, 'source', source, 'target', target, 'confidence', confidence, 'weight', weight, 'sources', sources,
            'evidence', evidence, 'description', description, 'metadata', metadata, 'first_observed', first_observed,
            'last_observed', last_observed, 'verified', verified, 'is_active', is_active),
        key, source_table, target_table, replace);
END
$$;

COMMENT ON FUNCTION vigil.attach_relationships(regclass, text, text, text, regclass, regclass, text, text, text, text, text, text, text, text, text, text, text, boolean) IS 'Mirrors the rows of a table as relationships from now on; CALL vigil.backfill() takes up those that are there. source and target are columns (or an expression) with the key of a row of a table that is attached as entities: the one that a foreign key of the columns refers to, or source_table and target_table. A row whose source or target is null is no relationship. The other arguments are as those of vigil.attach_entities(). Returns the number of the attachment.';
