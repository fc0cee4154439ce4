CREATE FUNCTION vigil.suggest_name(word text, known text[])
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT '; did you mean ' || string_agg(near.name, ' or ' ORDER BY near.edits, near.name COLLATE "C") || '?'
    FROM (
        -- The beginning of a name is nearly the name.
        SELECT candidate.name, CASE WHEN length(suggest_name.word) >= 3 AND starts_with(candidate.name, suggest_name.word) THEN 1
            ELSE vigil.count_edits(left(suggest_name.word, 60), candidate.name) END AS edits
        FROM unnest(suggest_name.known) AS candidate (name)
        ORDER BY edits, candidate.name COLLATE "C"
        LIMIT 3
    ) AS near
    WHERE near.edits <= greatest(2, length(suggest_name.word) / 3) AND length(suggest_name.word) <= 60
);

COMMENT ON FUNCTION vigil.suggest_name(text, text[]) IS 'The question whether a known name was meant, for error messages; null where none is near.';
