-- A wrong transaction id would lose the change: a dump carries the ids of another cluster, and a
-- writer may copy whole rows. So the id of the writing transaction always wins. The WHEN clauses cost
-- next to nothing; the functions are called only where a row brings an id along.
CREATE FUNCTION vigil.set_inserted_xid()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.inserted_xid := CASE TG_OP WHEN 'UPDATE' THEN OLD.inserted_xid ELSE pg_current_xact_id() END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.set_inserted_xid() IS 'Trigger function: a row keeps the id of the transaction that inserted it, whatever the writer gives.';

CREATE FUNCTION vigil.set_recorded_xid()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.recorded_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION vigil.set_recorded_xid() IS 'Trigger function: an observation carries the id of the transaction that records it, whatever the writer gives.';

CREATE TRIGGER entities_set_inserted_xid
BEFORE INSERT ON vigil.entities
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER entities_keep_inserted_xid
BEFORE UPDATE ON vigil.entities
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM OLD.inserted_xid)
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER relationships_set_inserted_xid
BEFORE INSERT ON vigil.relationships
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER relationships_keep_inserted_xid
BEFORE UPDATE ON vigil.relationships
FOR EACH ROW
WHEN (NEW.inserted_xid IS DISTINCT FROM OLD.inserted_xid)
EXECUTE FUNCTION vigil.set_inserted_xid();

CREATE TRIGGER observation_history_set_recorded_xid
BEFORE INSERT ON vigil.observation_history
FOR EACH ROW
WHEN (NEW.recorded_xid IS DISTINCT FROM pg_catalog.pg_current_xact_id())
EXECUTE FUNCTION vigil.set_recorded_xid();
