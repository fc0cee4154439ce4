CREATE FUNCTION vigil.request_detection(entity_ids bigint[] DEFAULT '{}', relationship_ids bigint[] DEFAULT '{}')
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT vigil.add_task('detect', jsonb_build_object(
        'entity_ids', coalesce(to_jsonb(entity_ids), '[]'), 'relationship_ids', coalesce(to_jsonb(relationship_ids), '[]')));
$$;

COMMENT ON FUNCTION vigil.request_detection(bigint[], bigint[]) IS 'Files the task to judge these entities, and both ends of these relationships, anew; returns its key. Every change is judged by itself anyhow: this is for entities whose surroundings or time have moved.';
