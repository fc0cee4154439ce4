CREATE FUNCTION vigil.clean_label(label text, length_max integer DEFAULT 60)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cleaned text := label;
BEGIN
    -- Most labels are words of printable ASCII with single spaces: nothing is to be done for them.
    IF label !~ '^[!-~]+( [!-~]+)*$' THEN
        cleaned := regexp_replace(label, E'[\\u0001-\\u001f\\u007f]+', ' ', 'g');
        -- Marks that are invisible or turn the direction of the text, with which a stranger's name could
        -- pass for another one. Other encodings do not have them.
        IF getdatabaseencoding() = 'UTF8' THEN
            cleaned := regexp_replace(
                cleaned, E'[\\u0080-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+', ' ', 'g');
        END IF;
        cleaned := btrim(regexp_replace(cleaned, ' {2,}', ' ', 'g'));
    END IF;
    RETURN CASE
        WHEN length(cleaned) > length_max THEN left(cleaned, greatest(length_max - 3, 0)) || '...'
        ELSE cleaned
    END;
END
$$;

COMMENT ON FUNCTION vigil.clean_label(text, integer) IS 'A text written by a stranger, made fit for one line: without control, invisible and direction marks, and shortened.';
