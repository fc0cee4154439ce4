-- With the rights of the owner: the sidecar writes no models, but what it has learnt from reviews.
CREATE FUNCTION vigil.store_review_head(ensemble text, card jsonb, archive bytea)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
    head text;
BEGIN
    PERFORM vigil.lock_audit();
    -- Heads of the same ensemble follow each other: one at a time, and none for a model that judges no more.
    PERFORM FROM vigil.models AS model WHERE model.version = store_review_head.ensemble AND model.state = 'active' FOR SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    LOCK TABLE vigil.models IN SHARE ROW EXCLUSIVE MODE;
    SELECT 'r' || 1 + coalesce(max(substr(model.version, 2)::bigint), 0) INTO head
    FROM vigil.models AS model WHERE model.kind = 'reviews' AND model.version ~ '^r[0-9]{1,9}$';
    INSERT INTO vigil.models (version, kind, card, archive, note)
    VALUES (head, 'reviews', store_review_head.card || jsonb_build_object('version', head), store_review_head.archive,
        format('on %s', store_review_head.ensemble));
    PERFORM vigil.switch_model('reviews', head);
    RETURN head;
END
$$;

COMMENT ON FUNCTION vigil.store_review_head(text, jsonb, bytea) IS 'Stores what the sidecar has learnt from reviews on top of the active model of that version, and makes it the head that is heard. Returns its version; null if another model is active by now.';
