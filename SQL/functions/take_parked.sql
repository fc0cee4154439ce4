CREATE FUNCTION vigil.take_parked(attachment integer, keys text[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    definition record;
    is_old boolean;
    taken vigil.mirrored_relationship[];
    total bigint := 0;
BEGIN
    SELECT known.source_attachment_id, known.target_attachment_id, known.mapped INTO definition
    FROM vigil.attachments AS known WHERE known.id = attachment;
    -- Another transaction that takes the same rows holds them until its end: leave them to it.
    FOR is_old, taken IN
        WITH chosen AS (
            SELECT parked.key FROM vigil.parked_relationships AS parked
            WHERE parked.attachment_id = attachment AND parked.key = ANY (keys)
            FOR UPDATE SKIP LOCKED
        ), removed AS (
            DELETE FROM vigil.parked_relationships AS parked
            USING chosen
            WHERE parked.attachment_id = attachment AND parked.key = chosen.key
            RETURNING parked.relationship, parked.version = 0 AS is_old
        )
        SELECT removed.is_old, array_agg(removed.relationship) FROM removed GROUP BY removed.is_old
    LOOP
        -- One that is still there as a relationship was set inactive when it was parked.
        UPDATE vigil.relationships AS known
        SET is_active = true
        FROM unnest(taken) AS given
        WHERE known.attachment_id = attachment AND known.attached_key = given.key AND NOT known.is_active;
        PERFORM vigil.write_relationships(
            attachment, definition.source_attachment_id, definition.target_attachment_id, definition.mapped, taken,
            CASE WHEN is_old THEN 'B' ELSE 'P' END::"char",
            seen => ARRAY(
                SELECT known.attached_version FROM unnest(taken) WITH ORDINALITY AS given
                LEFT JOIN vigil.relationships AS known ON known.attachment_id = attachment AND known.attached_key = given.key
                ORDER BY given.ordinality));
        total := total + cardinality(taken);
    END LOOP;
    RETURN total;
END
$$;

COMMENT ON FUNCTION vigil.take_parked(integer, text[]) IS 'Takes these rows out of vigil.parked_relationships and mirrors them; returns how many.';
