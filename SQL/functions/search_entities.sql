-- Reads vigil.entities from the start and ends as soon as it has enough: an index of names would cost every writer more
-- than a search costs an analyst.
CREATE FUNCTION vigil.search_entities(words text DEFAULT '', page_size integer DEFAULT 50)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pattern CONSTANT text := regexp_replace(lower("left"(btrim(search_entities.words), 200)), E'([\\\\%_])', E'\\\\\\1', 'g') || '%';
BEGIN
    IF search_entities.page_size IS NULL OR search_entities.page_size NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'page_size must be from 1 to 1000, not %', coalesce(search_entities.page_size::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF coalesce(btrim(search_entities.words), '') = '' THEN
        RETURN QUERY
        SELECT score.entity_id FROM vigil.entity_scores AS score
        ORDER BY score.anomaly_score DESC, score.entity_id LIMIT search_entities.page_size;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT found.id FROM (
        SELECT entity.id, 0 AS rank FROM vigil.entities AS entity
        WHERE btrim(search_entities.words) ~ '^\d{1,18}$' AND entity.id = CASE WHEN btrim(search_entities.words) ~ '^\d{1,18}$' THEN btrim(search_entities.words)::bigint END
        UNION
        (SELECT entity.id, 1 FROM vigil.entities AS entity
        WHERE lower(entity.name) LIKE pattern OR lower(entity.value) LIKE pattern
        LIMIT 10 * search_entities.page_size)
    ) AS found
    LEFT JOIN vigil.entity_scores AS score ON score.entity_id = found.id
    GROUP BY found.id, score.anomaly_score
    ORDER BY min(found.rank), score.anomaly_score DESC NULLS LAST, found.id
    LIMIT search_entities.page_size;
END
$$;

COMMENT ON FUNCTION vigil.search_entities(text, integer) IS 'Ids of entities whose name or value begins with the words, whatever the case, or whose id they are: the strangest first. Without words the strangest of all. Reads the table until ten pages are found: on a million rows up to half a second.';
