-- The grant matrix: each role x each object x each verb; what is not listed is not granted.
CREATE EXTENSION pgtap;
SET client_min_messages = warning;
CREATE EXTENSION vigil;
RESET client_min_messages;

CREATE TEMPORARY TABLE role AS
SELECT unnest('{public,vigil_reader,vigil_analyst,vigil_admin,vigil_sidecar}'::text[]) AS role;
CREATE ROLE regress_vigil_public;

CREATE TEMPORARY TABLE granted (role text, object text, verbs text);
-- Everybody with Vigil's roles reads all tables and views.
INSERT INTO granted
SELECT role, relname, 'SELECT'
FROM role, pg_class
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition AND role <> 'public'
    -- Who holds a token, and who is called with which secret, is for administrators.
    AND relname <> ALL ('{api_tokens,webhooks,webhook_deliveries,webhook_dead_letters}');
INSERT INTO granted VALUES
    ('vigil_admin', 'api_tokens', 'SELECT INSERT UPDATE'),
    ('vigil_admin', 'webhooks', 'SELECT INSERT UPDATE DELETE'), ('vigil_sidecar', 'webhooks', 'SELECT UPDATE'),
    ('vigil_admin', 'webhook_deliveries', 'SELECT INSERT UPDATE'), ('vigil_sidecar', 'webhook_deliveries', 'SELECT INSERT UPDATE DELETE'),
    ('vigil_admin', 'webhook_dead_letters', 'SELECT'),
    ('vigil_admin', 'indicators', 'INSERT UPDATE DELETE'), ('vigil_admin', 'models', 'INSERT UPDATE DELETE'),
    ('vigil_admin', 'entity_types', 'INSERT UPDATE DELETE'), ('vigil_admin', 'relationship_types', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'entity_metrics', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'entity_scores', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'relationship_scores', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'shadow_scores', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'sidecars', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'metric_health', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'memory_health', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'feed_state', 'UPDATE'), ('vigil_admin', 'schedules', 'INSERT UPDATE DELETE'), ('vigil_admin', 'trials', 'INSERT UPDATE DELETE'), ('vigil_admin', 'playbooks', 'INSERT UPDATE DELETE');

CREATE TEMPORARY TABLE callable (role text, functions text[]);
INSERT INTO callable VALUES
    ('public', '{}'),
    ('vigil_reader', '{version,get_setting,current_epoch,measure_lag,clean_label,quote_dot,format_age,format_number,parse_id,history_slot,sidecar_is_alive,find_unread_change,find_neighbourhood,gather_subgraph,live_subgraph,detect_entity,explain_anomaly,anomaly_dot,check_words,check_length,find_condition_fault,suggest_name,count_edits,anomaly_state,find_unread_changes,await_scores,detect_batch,detect_behavior,detect_relationship,list_anomalies,search_entities,acting_person,anomaly_cursor,parse_cursor,name_subject,anomaly,entity_anomalies,anomaly_stats,root_incident,check_incident,incident_anomalies,verify_audit,audit_anchor,hash_decision,hash_segment,attached_table,parse_cron_field,parse_cron,next_cron_time,check_task_arguments,check_preview,check_task,wait_for_task,report_content,report_sections,quote_html,format_report,format_report_html,report,find_rendering,anomaly_svg,read_export,score_preview,compare_models,wilson_interval,measure_reviews,current_threshold,quote_markdown,format_report_markdown,playbook_of,checklist,find_step,sees_labels,acting_role}');
CREATE TEMPORARY TABLE decide AS
SELECT '{review_anomaly,review_anomalies,undo_review,review_incident,assign_anomaly,assign_anomalies,assign_incident,suppress_anomalies,lift_suppression,merge_incidents,add_task,cancel_task,retry_task,request_detection,request_scan,request_report,request_export,request_preview,make_report,check_drift,tick_step,untick_step,start_step}'::text[] AS functions;
INSERT INTO callable
SELECT 'vigil_analyst', callable.functions || decide.functions FROM callable, decide WHERE role = 'vigil_reader'
UNION ALL
SELECT 'vigil_admin', callable.functions || decide.functions || '{create_token,revoke_token,is_restoring,arm_feed,drop_old_history,run_upkeep,activate_model,switch_model,rollback_model,challenge_model,dismiss_challenger,promote_model,delete_model,attach_entities,attach_relationships,attach_table,check_attachable,drop_probes,find_key,find_end,split_columns,key_expression,check_expression,vet_probe,probe_companion,register_attachment,hang_triggers,seal_attachment,lend_attachment,cover_partitions,detach,detach_attachment,forget_attachment,mirror_pending,restart_fill,fill_batch,fill_attachment,backfill,retrain,schedule_task,unschedule_task,run_schedules,set_playbook,drop_playbook,set_webhook,drop_webhook,test_webhook,file_delivery,retry_delivery}'
FROM callable, decide WHERE role = 'vigil_reader'
UNION ALL
SELECT 'vigil_sidecar', functions || '{find_token,arm_feed,drop_old_history,run_upkeep,mirror_pending,claim_task,report_progress,finish_task,fail_task,release_task,store_model,run_schedules,wanted_drawings,store_rendering,make_report,store_drift,adjust_threshold,store_review_head,end_stalled_leader}' FROM callable WHERE role = 'vigil_reader';

-- Rights on single columns: one cell for each column that has none by its table.
CREATE TEMPORARY TABLE column_granted (role text, object text, columns text[], verbs text);
INSERT INTO column_granted VALUES
    ('vigil_admin', 'settings', '{value,updated_at}', 'UPDATE'),
    ('vigil_sidecar', 'entities', '{inserted_xid}', 'UPDATE'),
    ('vigil_sidecar', 'anomalies', '{id,subject_kind,subject_id,subject_type,subject_name,entity_id,relationship_id,anomaly_type,all_types,anomaly_score,peak_score,p_value,confidence,severity,description,explanation,subgraph,detection_method,indicators,recommendations,model_version,graph_epoch,first_detected,last_detected,occurrences,is_active,resolved_at,resolution,resolved_by_itself,created_at,updated_at}', 'INSERT UPDATE');

CREATE TEMPORARY TABLE sequence_granted (role text, object text, verbs text);
INSERT INTO sequence_granted
SELECT role, 'feed_doorbell', 'SELECT' FROM role
UNION ALL VALUES ('vigil_admin', 'feed_doorbell', 'UPDATE'), ('vigil_sidecar', 'feed_doorbell', 'UPDATE'), ('vigil_sidecar', 'drawing_bell', 'SELECT')
UNION ALL SELECT role, 'drawing_bell', 'USAGE' FROM role WHERE role <> 'public';

SELECT plan((
    SELECT count(*) FROM role, pg_class, unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]), pg_attribute
    WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped)::integer
    + (SELECT count(*) FROM role, pg_class, unnest('{SELECT,USAGE,UPDATE}'::text[]) WHERE relnamespace = 'vigil'::regnamespace AND relkind = 'S')::integer
    + (SELECT count(*) FROM pg_class WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v'))::integer
    + (SELECT count(*) FROM role, pg_class, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[])
        WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition)::integer
    + (
    SELECT count(*) FROM role, pg_class, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[])
    WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v'))::integer
    + (SELECT count(*) FROM role, pg_proc WHERE pronamespace = 'vigil'::regnamespace)::integer + 14);

SELECT is(
    has_table_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, verb),
    EXISTS (
        SELECT FROM granted
        WHERE granted.role = role.role AND object = relname AND verb = ANY (string_to_array(verbs, ' '))),
    format('%s: %s on %s', role, verb, relname))
FROM role, pg_class AS relation, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS verb
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v')
ORDER BY relname, role, verb;

SELECT is(
    has_function_privilege(replace(role, 'public', 'regress_vigil_public'), routine.oid, 'EXECUTE'),
    (SELECT proname = ANY (functions) FROM callable WHERE callable.role = role.role),
    format('%s: EXECUTE on %s', role, routine.oid::regprocedure))
FROM role, pg_proc AS routine
WHERE pronamespace = 'vigil'::regnamespace
ORDER BY proname, role;

SELECT is(
    has_column_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, attname, verb),
    has_table_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, verb) OR EXISTS (
        SELECT FROM column_granted
        WHERE column_granted.role = role.role AND object = relname AND attname = ANY (columns) AND verb = ANY (string_to_array(verbs, ' '))),
    format('%s: %s on %s.%s', role, verb, relname, attname))
FROM role, pg_class AS relation, unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) AS verb, pg_attribute
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
ORDER BY relname, attnum, role, verb;

SELECT is(
    has_sequence_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, verb),
    EXISTS (
        SELECT FROM sequence_granted
        WHERE sequence_granted.role = role.role AND object = relname AND verb = ANY (string_to_array(verbs, ' '))),
    format('%s: %s on %s', role, verb, relname))
FROM role, pg_class AS relation, unnest('{SELECT,USAGE,UPDATE}'::text[]) AS verb
WHERE relnamespace = 'vigil'::regnamespace AND relkind = 'S'
ORDER BY relname, role, verb;

-- Row-level security on every table, and every view asks as the one who reads it.
SELECT ok(
    CASE relkind WHEN 'v' THEN 'security_invoker=true' = ANY (reloptions) ELSE relrowsecurity AND NOT relforcerowsecurity END,
    format('%s %s', relname, CASE relkind WHEN 'v' THEN 'has the rights of its reader' ELSE 'has row-level security' END))
FROM pg_class
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v')
ORDER BY relname;

-- A policy exactly where there is a right; entities and relationships leave it to the rights alone.
SELECT is(
    EXISTS (
        SELECT FROM pg_policy
        WHERE polrelid = relation.oid AND (polcmd = '*' OR polcmd = CASE verb WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END)
            AND (polroles = '{0}' OR (role <> 'public' AND EXISTS (SELECT FROM unnest(polroles) AS holder WHERE holder <> 0 AND pg_has_role(role::regrole, holder, 'USAGE'))))),
    relname IN ('entities', 'relationships') OR CASE verb
        WHEN 'DELETE' THEN has_table_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, verb)
        ELSE has_any_column_privilege(replace(role, 'public', 'regress_vigil_public'), relation.oid, verb) END,
    format('%s: a policy for %s on %s', role, verb, relname))
FROM role, pg_class AS relation, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS verb
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname, role, verb;

-- Columns, the schema, the doorbell.
SELECT ok(has_column_privilege('vigil_admin', 'vigil.settings', 'value', 'UPDATE'), 'vigil_admin changes the value of a setting');
SELECT ok(NOT has_column_privilege('vigil_admin', 'vigil.settings', 'default_value', 'UPDATE'), 'vigil_admin does not change a default');
SELECT ok(NOT has_any_column_privilege('vigil_analyst', 'vigil.settings', 'UPDATE'), 'vigil_analyst changes no setting');
SELECT ok(NOT has_schema_privilege('regress_vigil_public', 'vigil', 'USAGE'), 'PUBLIC does not get into the schema');
SELECT ok(NOT has_schema_privilege(role, 'vigil', 'CREATE'), role || ' creates nothing in the schema') FROM role WHERE role <> 'public';
SELECT ok(has_sequence_privilege('regress_vigil_public', 'vigil.feed_doorbell', 'SELECT'), 'every writer reads the doorbell');
SELECT ok(NOT has_sequence_privilege('regress_vigil_public', 'vigil.feed_doorbell', 'USAGE'), 'PUBLIC does not advance the doorbell');
SELECT ok(NOT has_sequence_privilege('vigil_analyst', 'vigil.feed_doorbell', 'UPDATE'), 'vigil_analyst does not set the doorbell');
SELECT ok(has_sequence_privilege('vigil_sidecar', 'vigil.feed_doorbell', 'UPDATE'), 'vigil_sidecar sets the doorbell');
-- Definer's rights only where a writer or a reviewer lacks them.
SELECT is(
    ARRAY(SELECT proname::text FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace AND prosecdef ORDER BY proname),
    '{add_task,adjust_threshold,append_epoch,assign_anomalies,assign_incident,audit_decision,cancel_task,claim_task,close_all_anomalies,close_anomalies,count_anomalies,drop_old_history,empty_shadow,end_stalled_leader,fail_task,fill_attachment,find_token,finish_task,follow_threshold,forget_attachment,lend_attachment,lift_suppression,make_report,merge_incidents,mirror_pending,place_anomaly,promote_model,record_activation,record_entity_deletes,record_entity_updates,record_relationship_deletes,record_relationship_updates,record_truncation,register_attachment,release_task,reopen_anomaly,report_progress,restart_fill,retry_task,review_anomalies,rollback_model,run_schedules,run_upkeep,seal_attachment,start_step,store_drift,store_model,store_rendering,store_review_head,suppress_anew,suppress_anomalies,tick_step,undo_review,untick_step}',
    'the functions with the rights of the owner are these');
-- One that decides cannot be told that it restores a dump, and so that it leaves no trace.
SELECT is(
    ARRAY(SELECT proname::text FROM pg_proc WHERE pronamespace = 'vigil'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
        AND NOT 'row_security=on' = ANY (proconfig) ORDER BY proname),
    '{append_epoch,drop_old_history}', 'those that decide pin row_security');
SELECT * FROM finish();
