-- Called by triggers and functions that run with the rights of the owner; nobody else may.
CREATE FUNCTION vigil.record_decision(action text, object_kind text, object_id text, before jsonb, after jsonb, at timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head vigil.audit_head;
    decision vigil.audit_log;
BEGIN
    IF vigil.is_restoring() THEN
        RETURN NULL;
    END IF;
    head.seq := vigil.lock_audit();
    SELECT hash INTO head.hash FROM vigil.audit_head;
    decision.seq := head.seq + 1;
    -- Read after the lock was taken: so times rise with the numbers.
    decision.at := coalesce(record_decision.at, clock_timestamp());
    decision.actor := vigil.acting_person();
    decision.acting_role := vigil.acting_role();
    decision.action := record_decision.action;
    decision.object_kind := record_decision.object_kind;
    decision.object_id := record_decision.object_id;
    decision.before := record_decision.before;
    decision.after := record_decision.after;
    decision.previous_hash := head.hash;
    decision.hash := vigil.hash_decision(
        decision.previous_hash, decision.seq, decision.at, decision.actor, decision.acting_role,
        decision.action, decision.object_kind, decision.object_id, decision.before, decision.after);
    INSERT INTO vigil.audit_log SELECT decision.*;
    UPDATE vigil.audit_head SET seq = decision.seq, hash = decision.hash;
    RETURN decision.seq;
END
$$;

COMMENT ON FUNCTION vigil.record_decision(text, text, text, jsonb, jsonb, timestamptz) IS 'Adds a decision to vigil.audit_log and returns its number; null while a dump is restored. Holds back other decisions until the transaction ends.';
