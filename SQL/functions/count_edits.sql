-- V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", Soviet
-- Physics Doklady 10 (1966): the distance row by row. The extension fuzzystrmatch is not everywhere.
CREATE FUNCTION vigil.count_edits(first text, second text)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    above integer[] := ARRAY(SELECT generate_series(0, length(second)));
    line integer[];
BEGIN
    FOR i IN 1..length(first) LOOP
        line := ARRAY[i];
        FOR j IN 1..length(second) LOOP
            line := line || least(
                above[j + 1] + 1, line[j] + 1,
                above[j] + (substr(first, i, 1) <> substr(second, j, 1))::integer);
        END LOOP;
        above := line;
    END LOOP;
    RETURN above[length(second) + 1];
END
$$;

COMMENT ON FUNCTION vigil.count_edits(text, text) IS 'How many letters must be added, removed or replaced to turn one word into the other.';
