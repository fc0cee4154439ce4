CREATE FUNCTION vigil.repair_transaction_ids()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
    affected bigint;
    repaired bigint := 0;
BEGIN
    UPDATE vigil.observation_history SET recorded_xid = own WHERE recorded_xid > own;
    GET DIAGNOSTICS repaired = ROW_COUNT;
    -- Not an observation: only the id of the transaction is put right.
    IF EXISTS (SELECT FROM vigil.entities WHERE inserted_xid > own) THEN
        ALTER TABLE vigil.entities
            DISABLE TRIGGER entities_keep_inserted_xid,
            DISABLE TRIGGER entities_record_updates,
            DISABLE TRIGGER entities_touch_updated_at;
        UPDATE vigil.entities SET inserted_xid = own WHERE inserted_xid > own;
        GET DIAGNOSTICS affected = ROW_COUNT;
        repaired := repaired + affected;
        ALTER TABLE vigil.entities
            ENABLE TRIGGER entities_keep_inserted_xid,
            ENABLE TRIGGER entities_record_updates,
            ENABLE TRIGGER entities_touch_updated_at;
    END IF;
    IF EXISTS (SELECT FROM vigil.relationships WHERE inserted_xid > own) THEN
        ALTER TABLE vigil.relationships
            DISABLE TRIGGER relationships_keep_inserted_xid,
            DISABLE TRIGGER relationships_record_updates,
            DISABLE TRIGGER relationships_touch_updated_at;
        UPDATE vigil.relationships SET inserted_xid = own WHERE inserted_xid > own;
        GET DIAGNOSTICS affected = ROW_COUNT;
        repaired := repaired + affected;
        ALTER TABLE vigil.relationships
            ENABLE TRIGGER relationships_keep_inserted_xid,
            ENABLE TRIGGER relationships_record_updates,
            ENABLE TRIGGER relationships_touch_updated_at;
    END IF;
    RETURN repaired;
END
$$;

COMMENT ON FUNCTION vigil.repair_transaction_ids() IS 'Replaces transaction ids that this cluster has not given out yet, as files moved under a younger cluster have them. For the owner of Vigil. Returns how many rows had one.';
