-- With the rights of the owner: an analyst writes reviews, and nothing else of an anomaly.
CREATE FUNCTION vigil.undo_review(id uuid)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
SET lock_timeout = '500ms'
AS $$
DECLARE
    undone bigint;
    in_force vigil.reviews;
    was_reviewed boolean;
BEGIN
    PERFORM vigil.lock_audit();
    PERFORM vigil.lock_anomalies(ARRAY[undo_review.id]);
    SELECT anomaly.reviewed INTO was_reviewed FROM vigil.anomalies AS anomaly WHERE anomaly.id = undo_review.id;
    IF NOT was_reviewed THEN
        RAISE EXCEPTION 'anomaly % has no review to undo', undo_review.id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See SELECT * FROM vigil.reviews.';
    END IF;
    SELECT review.id INTO undone FROM vigil.reviews AS review
    WHERE review.anomaly_id = undo_review.id AND review.undone_at IS NULL AND review.lapsed_at IS NULL
    ORDER BY review.id DESC LIMIT 1;
    UPDATE vigil.reviews AS review SET undone_by = vigil.acting_person(), undone_at = now() WHERE review.id = undone;
    SELECT * INTO in_force FROM vigil.reviews AS review
    WHERE review.anomaly_id = undo_review.id AND review.undone_at IS NULL AND review.lapsed_at IS NULL
    ORDER BY review.id DESC LIMIT 1;
    UPDATE vigil.anomalies AS anomaly
    SET reviewed = in_force.id IS NOT NULL,
        verdict = in_force.verdict,
        review_notes = in_force.notes,
        reviewed_by = in_force.reviewed_by,
        reviewed_at = in_force.reviewed_at
    WHERE anomaly.id = undo_review.id;
    RETURN in_force.verdict;
END
$$;

COMMENT ON FUNCTION vigil.undo_review(uuid) IS 'Takes the newest review of an anomaly back: the one before is in force again, or none. Returns the verdict that is now in force. Called again, it goes back one step more.';
