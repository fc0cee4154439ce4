-- The decision is recorded where it takes effect, whichever way it was made: by a function or by a
-- statement of somebody who may. With the rights of the owner, for nobody else writes the log.
CREATE FUNCTION vigil.audit_decision()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET extra_float_digits = 1
AS $$
DECLARE
    object_kind CONSTANT text := TG_ARGV[0];
    key_column CONSTANT text := TG_ARGV[1];
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    object_id CONSTANT text := coalesce(after, before) ->> key_column;
    action text;
BEGIN
    CASE object_kind
        WHEN 'anomaly' THEN
            action := CASE
                WHEN OLD.assigned_to IS DISTINCT FROM NEW.assigned_to THEN CASE WHEN NEW.assigned_to IS NULL THEN 'unassign' ELSE 'assign' END
                WHEN NOT NEW.reviewed OR (
                    SELECT review.undone_at IS NOT NULL FROM vigil.reviews AS review
                    WHERE review.anomaly_id = NEW.id ORDER BY review.id DESC LIMIT 1) THEN 'undo review'
                ELSE 'review' END;
            before := jsonb_build_object('verdict', OLD.verdict, 'notes', OLD.review_notes, 'reviewed_by', OLD.reviewed_by,
                'reviewed_at', OLD.reviewed_at, 'assigned_to', OLD.assigned_to);
            after := jsonb_build_object('verdict', NEW.verdict, 'notes', NEW.review_notes, 'reviewed_by', NEW.reviewed_by,
                'reviewed_at', NEW.reviewed_at, 'assigned_to', NEW.assigned_to);
        WHEN 'suppression' THEN
            action := CASE
                WHEN TG_OP = 'INSERT' THEN 'suppress'
                WHEN TG_OP = 'UPDATE' AND before ->> 'lifted_at' IS NULL AND after ->> 'lifted_at' IS NOT NULL THEN 'lift suppression'
                WHEN TG_OP = 'UPDATE' THEN 'change suppression'
                ELSE 'remove suppression' END;
        WHEN 'checklist' THEN
            action := CASE
                WHEN after ->> 'done_at' IS NOT DISTINCT FROM before ->> 'done_at' AND before ->> 'note' IS NOT DISTINCT FROM after ->> 'note' THEN 'start step'
                WHEN after ->> 'done_at' IS NULL THEN 'untick step'
                ELSE 'tick step' END;
        WHEN 'incident' THEN
            action := CASE WHEN after ->> 'assigned_to' IS NULL THEN 'unassign' ELSE 'assign' END;
        WHEN 'setting' THEN
            action := CASE TG_OP WHEN 'UPDATE' THEN 'change setting' ELSE 'remove setting' END;
            before := before -> 'value';
            after := after -> 'value';
        WHEN 'model' THEN
            action := CASE
                WHEN TG_OP = 'INSERT' THEN 'store model'
                WHEN TG_OP = 'DELETE' THEN 'remove model'
                WHEN before ->> 'state' = after ->> 'state' THEN 'change model'
                WHEN after ->> 'state' = 'active' THEN CASE WHEN (
                    SELECT activation.rolled_back_at = now() FROM vigil.model_activations AS activation
                    WHERE activation.kind = after ->> 'kind' ORDER BY activation.id DESC LIMIT 1)
                    THEN 'roll back to model' ELSE 'activate model' END
                WHEN after ->> 'state' = 'challenger' THEN 'challenge with model'
                WHEN before ->> 'state' = 'challenger' THEN 'dismiss challenger'
                ELSE 'retire model' END;
            -- The archive by its hash; the card is long and belongs to the archive.
            IF TG_OP <> 'INSERT' THEN
                before := before - '{archive,card}'::text[]
                    || jsonb_build_object('archive_sha256', encode(sha256(OLD.archive), 'hex'));
            END IF;
            IF TG_OP <> 'DELETE' THEN
                after := after - '{archive,card}'::text[]
                    || jsonb_build_object('archive_sha256', encode(sha256(NEW.archive), 'hex'));
            END IF;
        ELSE
            action := CASE TG_OP WHEN 'INSERT' THEN 'add ' WHEN 'UPDATE' THEN 'change ' ELSE 'remove ' END || object_kind;
    END CASE;
    PERFORM vigil.record_decision(action, object_kind, object_id, before, after);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION vigil.audit_decision() IS 'Trigger function: records a decision in vigil.audit_log, with what was before and after it.';

-- The sidecar's updates do not touch these columns: they pay for the comparison only. That a review lapses
-- because its anomaly is opened again is nobody's decision; vigil.reviews.lapsed_at tells it.
CREATE TRIGGER anomalies_audit
AFTER UPDATE ON vigil.anomalies
FOR EACH ROW
WHEN (
    OLD.assigned_to IS DISTINCT FROM NEW.assigned_to
    OR (OLD.is_active OR NOT NEW.is_active) AND (
        OLD.reviewed <> NEW.reviewed OR OLD.reviewed_at IS DISTINCT FROM NEW.reviewed_at OR OLD.verdict IS DISTINCT FROM NEW.verdict
        OR OLD.reviewed_by IS DISTINCT FROM NEW.reviewed_by OR OLD.review_notes IS DISTINCT FROM NEW.review_notes))
EXECUTE FUNCTION vigil.audit_decision('anomaly', 'id');

CREATE TRIGGER suppressions_audit
AFTER INSERT OR UPDATE OR DELETE ON vigil.suppressions
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('suppression', 'id');

CREATE TRIGGER incidents_audit
AFTER UPDATE ON vigil.incidents
FOR EACH ROW
WHEN (OLD.assigned_to IS DISTINCT FROM NEW.assigned_to)
EXECUTE FUNCTION vigil.audit_decision('incident', 'id');

CREATE TRIGGER settings_audit
AFTER UPDATE ON vigil.settings
FOR EACH ROW
WHEN (OLD.value IS DISTINCT FROM NEW.value)
EXECUTE FUNCTION vigil.audit_decision('setting', 'name');

CREATE TRIGGER settings_audit_deletes
AFTER DELETE ON vigil.settings
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('setting', 'name');

CREATE TRIGGER indicators_audit
AFTER INSERT OR DELETE ON vigil.indicators
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('indicator', 'name');

CREATE TRIGGER indicators_audit_updates
AFTER UPDATE ON vigil.indicators
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('indicator', 'name');

CREATE TRIGGER models_audit
AFTER INSERT OR DELETE ON vigil.models
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('model', 'version');

CREATE TRIGGER models_audit_updates
AFTER UPDATE ON vigil.models
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('model', 'version');

CREATE TRIGGER entity_types_audit
AFTER INSERT OR DELETE ON vigil.entity_types
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('entity type', 'type');

CREATE TRIGGER entity_types_audit_updates
AFTER UPDATE ON vigil.entity_types
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('entity type', 'type');

CREATE TRIGGER relationship_types_audit
AFTER INSERT OR DELETE ON vigil.relationship_types
FOR EACH ROW
EXECUTE FUNCTION vigil.audit_decision('relationship type', 'type');

CREATE TRIGGER relationship_types_audit_updates
AFTER UPDATE ON vigil.relationship_types
FOR EACH ROW
WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION vigil.audit_decision('relationship type', 'type');

CREATE FUNCTION vigil.refuse_audit_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What a sealed segment stands for may go.
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_log' THEN
        IF NOT EXISTS (
            SELECT FROM old_rows
            WHERE old_rows.seq > (SELECT coalesce(max(segment.last_seq), 0) FROM vigil.audit_segments AS segment))
        THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'vigil.% is only ever added to', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = CASE TG_TABLE_NAME
            WHEN 'audit_log' THEN 'A decision that was wrong is undone by another one. Old ones are removed after the setting audit_retention_days.'
            ELSE 'Its rows stand for decisions that were removed.' END;
END
$$;

COMMENT ON FUNCTION vigil.refuse_audit_change() IS 'Trigger function: nobody changes or removes a row of vigil.audit_log or vigil.audit_segments by mistake, not even the owner.';

CREATE TRIGGER audit_log_keep
BEFORE UPDATE OR TRUNCATE ON vigil.audit_log
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.refuse_audit_change();

CREATE TRIGGER audit_log_keep_rows
AFTER DELETE ON vigil.audit_log
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.refuse_audit_change();

CREATE TRIGGER audit_segments_keep
BEFORE UPDATE OR DELETE OR TRUNCATE ON vigil.audit_segments
FOR EACH STATEMENT
EXECUTE FUNCTION vigil.refuse_audit_change();
