CREATE FUNCTION vigil.request_preview(entities jsonb DEFAULT '[]', relationships jsonb DEFAULT '[]')
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('preview', jsonb_build_object('entities', coalesce(entities, '[]'), 'relationships', coalesce(relationships, '[]')), 10);
$$;

COMMENT ON FUNCTION vigil.request_preview(jsonb, jsonb) IS 'Files the task to judge entities and relationships that are not there, or are otherwise than they are, and returns its key; nothing of it is stored but the result, which vigil.score_preview() reads. Arrays of JSON objects with the columns of vigil.entities and vigil.relationships: an entity has a "ref" of its own choice, or the id of one that is there and is to be thought otherwise; a relationship names its "source" and "target" by either.';
