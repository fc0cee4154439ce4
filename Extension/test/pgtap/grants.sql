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
WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition AND role <> 'public';
INSERT INTO granted VALUES
    ('vigil_admin', 'indicators', 'INSERT UPDATE DELETE'), ('vigil_admin', 'models', 'INSERT UPDATE DELETE'),
    ('vigil_admin', 'entity_types', 'INSERT UPDATE DELETE'), ('vigil_admin', 'relationship_types', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'entity_metrics', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'entity_scores', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'sidecars', 'INSERT UPDATE DELETE'), ('vigil_sidecar', 'metric_health', 'INSERT UPDATE DELETE'),
    ('vigil_sidecar', 'anomalies', 'INSERT UPDATE'),
    ('vigil_sidecar', 'feed_state', 'UPDATE');

CREATE TEMPORARY TABLE callable (role text, functions text[]);
INSERT INTO callable VALUES
    ('public', '{}'),
    ('vigil_reader', '{version,get_setting,current_epoch,measure_lag,clean_label,quote_dot,format_age,format_number,parse_id,history_slot,sidecar_is_alive,find_unread_change,find_neighbourhood,live_subgraph,detect_entity,explain_anomaly,anomaly_dot,attached_table}');
INSERT INTO callable
SELECT 'vigil_analyst', functions || '{review_anomaly}' FROM callable WHERE role = 'vigil_reader'
UNION ALL
SELECT 'vigil_admin', functions || '{review_anomaly,arm_feed,drop_old_history,attach_entities,attach_relationships,attach_table,check_attachable,drop_probes,find_key,find_end,split_columns,key_expression,check_expression,vet_probe,register_attachment,hang_triggers,seal_attachment,lend_attachment,cover_partitions,detach,detach_attachment,forget_attachment,mirror_pending,restart_fill,fill_batch,fill_attachment,backfill}' FROM callable WHERE role = 'vigil_reader'
UNION ALL
SELECT 'vigil_sidecar', functions || '{arm_feed,drop_old_history,mirror_pending}' FROM callable WHERE role = 'vigil_reader';

SELECT plan((
    SELECT count(*) FROM role, pg_class, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[])
    WHERE relnamespace = 'vigil'::regnamespace AND relkind IN ('r', 'p', 'v'))::integer
    + (SELECT count(*) FROM role, pg_proc WHERE pronamespace = 'vigil'::regnamespace)::integer + 13);

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
    '{append_epoch,drop_old_history,fill_attachment,forget_attachment,lend_attachment,mirror_pending,record_entity_deletes,record_entity_updates,record_relationship_deletes,record_relationship_updates,record_truncation,register_attachment,restart_fill,review_anomaly,seal_attachment}',
    'the functions with the rights of the owner are these');
SELECT * FROM finish();
