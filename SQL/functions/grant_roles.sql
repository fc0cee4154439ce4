CREATE FUNCTION vigil.grant_roles()
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    grants CONSTANT text[] := ARRAY[
        ['vigil_reader', 'USAGE ON SCHEMA vigil'],
        ['vigil_reader', 'SELECT ON vigil.settings, vigil.entity_types, vigil.relationship_types'],
        ['vigil_reader', 'SELECT ON vigil.entities, vigil.relationships, vigil.observation_history'],
        ['vigil_reader', 'SELECT ON vigil.feed_state, vigil.feed_epochs, vigil.sidecars, vigil.metric_health'],
        ['vigil_reader', 'SELECT ON vigil.entity_metrics, vigil.entity_scores, vigil.indicators, vigil.anomalies, vigil.models'],
        ['vigil_reader', 'SELECT ON vigil.anomalies_open, vigil.anomalies_recent, vigil.anomaly_detail, vigil.entity_risk'],
        ['vigil_reader', 'SELECT ON vigil.feed_health, vigil.sidecar_status, vigil.model_status, vigil.metric_status'],
        ['vigil_reader', 'SELECT ON vigil.attachments, vigil.pending_rows, vigil.parked_relationships, vigil.rejected_rows, vigil.attached_tables'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.attached_table(integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.version(), vigil.get_setting(text), vigil.current_epoch(), vigil.measure_lag()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.clean_label(text, integer), vigil.quote_dot(text), vigil.format_age(timestamptz)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.format_number(jsonb, integer), vigil.parse_id(jsonb), vigil.history_slot(timestamptz)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.sidecar_is_alive(timestamptz, text), vigil.find_unread_change(bigint)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer), vigil.live_subgraph(uuid, integer, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_entity(bigint, integer), vigil.explain_anomaly(uuid), vigil.anomaly_dot(uuid, integer)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.review_anomaly(uuid, text, text)'],
        ['vigil_admin', 'UPDATE (value, updated_at) ON vigil.settings'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.indicators, vigil.models, vigil.entity_types, vigil.relationship_types'],
        ['vigil_admin', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history()'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_entities(regclass, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_relationships(regclass, text, text, text, regclass, regclass, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_table("char", regclass, jsonb, text, regclass, regclass, boolean), vigil.check_attachable(regclass), vigil.drop_probes()'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.find_key(regclass, text), vigil.find_end(regclass, text, text, regclass), vigil.split_columns(regclass, text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.key_expression(text[], text[]), vigil.check_expression(regclass, text, text, text), vigil.vet_probe(oid, oid)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.register_attachment("char", regclass, regclass, regclass, text, jsonb, text[], text[], integer, integer, integer, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.hang_triggers(integer, "char", regclass), vigil.seal_attachment(integer), vigil.lend_attachment(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.cover_partitions(regclass), vigil.detach_attachment(integer, boolean), vigil.detach(regclass, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.forget_attachment(integer, boolean), vigil.mirror_pending(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.restart_fill(regclass, integer), vigil.fill_batch(regclass, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.fill_attachment(integer, vigil.mirrored_entity[], vigil.mirrored_relationship[], bigint[], text[], jsonb, text[], bigint[], boolean)'],
        ['vigil_admin', 'EXECUTE ON PROCEDURE vigil.backfill(regclass, integer)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.mirror_pending(integer)'],
        ['vigil_sidecar', 'INSERT, UPDATE, DELETE ON vigil.entity_metrics, vigil.entity_scores, vigil.sidecars, vigil.metric_health'],
        ['vigil_sidecar', 'INSERT, UPDATE ON vigil.anomalies'],
        ['vigil_sidecar', 'UPDATE ON vigil.feed_state'],
        ['vigil_sidecar', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history()']
    ];
    granted text[] := '{}';
    wanted record;
BEGIN
    FOR wanted IN
        SELECT grants[nth][1] AS role, grants[nth][2] AS privilege
        FROM generate_subscripts(grants, 1) AS nth
        WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = grants[nth][1])
        ORDER BY nth
    LOOP
        EXECUTE format('GRANT %s TO %I', wanted.privilege, wanted.role);
        IF wanted.role <> ALL (granted) THEN
            granted := granted || wanted.role;
        END IF;
    END LOOP;
    RETURN granted;
END
$$;

COMMENT ON FUNCTION vigil.grant_roles() IS 'Gives those of the roles vigil_reader, vigil_analyst, vigil_admin and vigil_sidecar that exist their rights, and returns them. For the owner of Vigil; the installation calls it.';
