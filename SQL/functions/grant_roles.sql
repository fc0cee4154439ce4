CREATE FUNCTION vigil.grant_roles()
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What the sidecar finds, and nothing of what people decide about it.
    finding CONSTANT text := 'id, subject_kind, subject_id, subject_type, subject_name, entity_id, relationship_id, anomaly_type, all_types,
        anomaly_score, peak_score, p_value, confidence, severity, description, explanation, subgraph, detection_method, indicators,
        recommendations, model_version, graph_epoch, first_detected, last_detected, occurrences, is_active, resolved_at, resolution,
        resolved_by_itself, created_at, updated_at';
    grants CONSTANT text[] := ARRAY[
        ['vigil_reader', 'USAGE ON SCHEMA vigil'],
        ['vigil_reader', 'SELECT ON vigil.settings, vigil.entity_types, vigil.relationship_types'],
        ['vigil_reader', 'SELECT ON vigil.entities, vigil.relationships, vigil.observation_history'],
        ['vigil_reader', 'SELECT ON vigil.feed_state, vigil.feed_epochs, vigil.sidecars, vigil.metric_health'],
        ['vigil_reader', 'SELECT ON vigil.memory_health, vigil.memory_status'],
        ['vigil_reader', 'SELECT ON vigil.entity_metrics, vigil.entity_scores, vigil.relationship_scores, vigil.indicators, vigil.anomalies, vigil.models'],
        ['vigil_reader', 'SELECT ON vigil.anomaly_counts, vigil.reviews, vigil.suppressions, vigil.incidents, vigil.model_activations, vigil.trials'],
        ['vigil_reader', 'SELECT ON vigil.audit_log, vigil.audit_head, vigil.audit_segments, vigil.upkeep'],
        ['vigil_reader', 'SELECT ON vigil.anomalies_open, vigil.anomalies_recent, vigil.anomaly_detail, vigil.anomaly_summary'],
        ['vigil_reader', 'SELECT ON vigil.entity_risk, vigil.relationship_risk'],
        ['vigil_reader', 'SELECT ON vigil.incidents_open, vigil.suppressions_active, vigil.decisions_recent'],
        ['vigil_reader', 'SELECT ON vigil.feed_health, vigil.sidecar_status, vigil.model_status, vigil.metric_status'],
        ['vigil_reader', 'SELECT ON vigil.shadow_scores, vigil.model_compare, vigil.review_learning'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.compare_models(), vigil.wilson_interval(bigint, bigint), vigil.measure_reviews()'],
        ['vigil_reader', 'SELECT ON vigil.attachments, vigil.pending_rows, vigil.parked_relationships, vigil.rejected_rows, vigil.attached_tables'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.attached_table(integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.version(), vigil.get_setting(text), vigil.current_epoch(), vigil.measure_lag()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.clean_label(text, integer), vigil.quote_dot(text), vigil.format_age(timestamptz)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.format_number(jsonb, integer), vigil.parse_id(jsonb), vigil.history_slot(timestamptz)'],
        ['vigil_reader', 'SELECT ON vigil.indicator_measures'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_condition_fault(text, jsonb, integer), vigil.suggest_name(text, text[]), vigil.count_edits(text, text)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.check_words(text, text[], text[]), vigil.check_length(text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.anomaly_state(boolean, timestamptz, timestamptz, boolean)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.sidecar_is_alive(timestamptz, text), vigil.find_unread_change(bigint)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_unread_changes(bigint[]), vigil.await_scores(bigint[], integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_neighbourhood(bigint[], integer, integer), vigil.gather_subgraph(bigint[], bigint, integer, integer), vigil.live_subgraph(uuid, integer, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_entity(bigint, integer), vigil.explain_anomaly(uuid), vigil.anomaly_dot(uuid, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_batch(bigint[], integer), vigil.detect_behavior(bigint, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.detect_relationship(bigint, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.list_anomalies(text, text, text, text, bigint, bigint, text, timestamptz, timestamptz,
            double precision, double precision, text, bigint, text, text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.search_entities(text, integer), vigil.acting_person()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.anomaly_cursor(uuid, text), vigil.parse_cursor(text, text), vigil.anomaly(uuid)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.name_subject(bigint, bigint, text, bigint, text, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.entity_anomalies(bigint, integer), vigil.anomaly_stats(integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.root_incident(bigint), vigil.check_incident(bigint), vigil.incident_anomalies(bigint, text, integer)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.verify_audit(text), vigil.audit_anchor()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.hash_decision(bytea, bigint, timestamptz, text, text, text, text, text, jsonb, jsonb)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.hash_segment(bytea, bigint, bigint, bigint, timestamptz, timestamptz, bytea, bytea)'],
        ['vigil_reader', 'SELECT ON vigil.tasks, vigil.schedules, vigil.reports, vigil.renderings, vigil.task_status, vigil.schedule_status'],
        ['vigil_reader', 'SELECT ON vigil.drift_reports, vigil.drift_report, vigil.threshold_state, vigil.alert_threshold'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.current_threshold()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.parse_cron_field(text, text, integer, integer, text[]), vigil.parse_cron(text), vigil.next_cron_time(text, timestamptz, text)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.check_task_arguments(text, jsonb), vigil.check_preview(jsonb), vigil.check_task(bigint, timestamptz)'],
        ['vigil_reader', 'EXECUTE ON PROCEDURE vigil.wait_for_task(bigint, interval, text, jsonb)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.report_content(timestamptz, timestamptz, timestamptz), vigil.report_sections(jsonb), vigil.quote_html(text)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.format_report(jsonb), vigil.format_report_html(jsonb, jsonb), vigil.report(bigint)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.quote_markdown(text), vigil.format_report_markdown(jsonb)'],
        ['vigil_reader', 'SELECT ON vigil.playbooks, vigil.playbook_progress'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.playbook_of(uuid), vigil.checklist(uuid), vigil.find_step(uuid, integer), vigil.sees_labels()'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.acting_role()'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.tick_step(uuid, integer, text), vigil.untick_step(uuid, integer), vigil.start_step(uuid, integer)'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.playbooks'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.set_playbook(text, jsonb, text, text, text, text, text), vigil.drop_playbook(text)'],
        ['vigil_reader', 'EXECUTE ON FUNCTION vigil.find_rendering(uuid, text, integer, integer), vigil.anomaly_svg(uuid, integer, integer, integer), vigil.read_export(bigint), vigil.score_preview(bigint)'],
        ['vigil_reader', 'USAGE ON SEQUENCE vigil.drawing_bell'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.add_task(text, jsonb, integer, timestamptz, integer), vigil.cancel_task(bigint), vigil.retry_task(bigint)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.request_detection(bigint[], bigint[]), vigil.request_scan(), vigil.request_report(timestamptz, timestamptz), vigil.check_drift()'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.request_export(uuid, text, integer, integer), vigil.request_preview(jsonb, jsonb), vigil.make_report(timestamptz, timestamptz, timestamptz)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.retrain(bigint, integer, integer, double precision, boolean, boolean)'],
        ['vigil_admin', 'SELECT, INSERT, UPDATE ON vigil.api_tokens'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.create_token(text, text, timestamptz), vigil.revoke_token(text)'],
        ['vigil_admin', 'SELECT, INSERT, UPDATE, DELETE ON vigil.webhooks'],
        ['vigil_admin', 'SELECT, INSERT, UPDATE ON vigil.webhook_deliveries'],
        ['vigil_admin', 'SELECT ON vigil.webhook_dead_letters'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.set_webhook(text, text, text[], text, text), vigil.drop_webhook(text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.test_webhook(text), vigil.file_delivery(text, text, jsonb), vigil.retry_delivery(bigint)'],
        ['vigil_sidecar', 'SELECT, UPDATE ON vigil.webhooks'],
        ['vigil_sidecar', 'SELECT, INSERT, UPDATE, DELETE ON vigil.webhook_deliveries'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.schedules'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.trials'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.schedule_task(text, text, text, jsonb, text, interval), vigil.unschedule_task(text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.run_schedules(timestamptz)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.find_token(bigint)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.claim_task(text, text[]), vigil.report_progress(bigint, text, double precision, text)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.finish_task(bigint, text, jsonb), vigil.fail_task(bigint, text, text, boolean), vigil.release_task(bigint, text)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.store_model(bigint, text, text, jsonb, bytea, jsonb), vigil.run_schedules(timestamptz)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.store_drift(bigint, text, jsonb), vigil.adjust_threshold()'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.end_stalled_leader()'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.store_review_head(text, jsonb, bytea)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.wanted_drawings(), vigil.store_rendering(uuid, text, integer, integer, bigint, timestamptz, bytea, text)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.make_report(timestamptz, timestamptz, timestamptz)'],
        ['vigil_sidecar', 'SELECT ON SEQUENCE vigil.drawing_bell'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.review_anomaly(uuid, text, text), vigil.review_anomalies(uuid[], text, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.undo_review(uuid), vigil.review_incident(bigint, text, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.assign_anomaly(uuid, text), vigil.assign_anomalies(uuid[], text), vigil.assign_incident(bigint, text)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.suppress_anomalies(text, bigint, bigint, text, text, text, text, timestamptz)'],
        ['vigil_analyst', 'EXECUTE ON FUNCTION vigil.lift_suppression(bigint, text), vigil.merge_incidents(bigint, bigint[])'],
        ['vigil_admin', 'UPDATE (value, updated_at) ON vigil.settings'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.is_restoring()'],
        ['vigil_admin', 'INSERT, UPDATE, DELETE ON vigil.indicators, vigil.models, vigil.entity_types, vigil.relationship_types'],
        ['vigil_admin', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history(), vigil.run_upkeep(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.activate_model(text), vigil.switch_model(text, text), vigil.rollback_model(text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.challenge_model(text), vigil.dismiss_challenger(text), vigil.promote_model(boolean), vigil.delete_model(text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_entities(regclass, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_relationships(regclass, text, text, text, regclass, regclass, text, text, text, text, text, text, text, text, text, text, text, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.attach_table("char", regclass, jsonb, text, regclass, regclass, boolean), vigil.check_attachable(regclass), vigil.drop_probes()'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.find_key(regclass, text), vigil.find_end(regclass, text, text, regclass), vigil.split_columns(regclass, text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.key_expression(text[], text[]), vigil.check_expression(regclass, text, text, text), vigil.vet_probe(oid, oid), vigil.probe_companion(oid, text)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.register_attachment("char", regclass, regclass, regclass, text, jsonb, text[], text[], integer, integer, integer, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.hang_triggers(integer, "char", regclass), vigil.seal_attachment(integer), vigil.lend_attachment(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.cover_partitions(regclass), vigil.detach_attachment(integer, boolean), vigil.detach(regclass, boolean)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.forget_attachment(integer, boolean), vigil.mirror_pending(integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.restart_fill(regclass, integer), vigil.fill_batch(regclass, integer)'],
        ['vigil_admin', 'EXECUTE ON FUNCTION vigil.fill_attachment(integer, vigil.mirrored_entity[], vigil.mirrored_relationship[], bigint[], text[], jsonb, text[], bigint[], boolean)'],
        ['vigil_admin', 'EXECUTE ON PROCEDURE vigil.backfill(regclass, integer)'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.mirror_pending(integer)'],
        ['vigil_sidecar', 'INSERT, UPDATE, DELETE ON vigil.entity_metrics, vigil.entity_scores, vigil.relationship_scores, vigil.shadow_scores, vigil.sidecars, vigil.metric_health'],
        ['vigil_sidecar', 'INSERT, UPDATE, DELETE ON vigil.memory_health'],
        ['vigil_sidecar', format('INSERT (%s), UPDATE (%s) ON vigil.anomalies', finding, finding)],
        -- Not to write it, which a trigger prevents: who has no right to update cannot lock a row either,
        -- and the sidecar holds an entity while it writes what it found about it.
        ['vigil_sidecar', 'UPDATE (inserted_xid) ON vigil.entities'],
        ['vigil_sidecar', 'UPDATE ON vigil.feed_state'],
        ['vigil_sidecar', 'UPDATE ON SEQUENCE vigil.feed_doorbell'],
        ['vigil_sidecar', 'EXECUTE ON FUNCTION vigil.arm_feed(boolean), vigil.drop_old_history(), vigil.run_upkeep(integer)']
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
    PERFORM vigil.make_policies();
    RETURN granted;
END
$$;

COMMENT ON FUNCTION vigil.grant_roles() IS 'Gives those of the roles vigil_reader, vigil_analyst, vigil_admin and vigil_sidecar that exist their rights and policies, and returns them. For the owner of Vigil; the installation calls it.';
