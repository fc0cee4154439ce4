-- What a dump carries: all that people or sources wrote or decided, and what was found. Not the state
-- of the change feed and of processes (feed_state, feed_epochs, feed_doorbell, sidecars, metric_health, memory_health, upkeep): it
-- means nothing elsewhere. Not anomaly_counts either: its triggers count the anomalies of the dump as they come in.
-- Nor tasks, renderings and threshold_state: work in hand and drawn pictures belong to the database in which they are.
DO $$
DECLARE
    carried regclass;
BEGIN
    FOREACH carried IN ARRAY ARRAY[
        'vigil.settings', 'vigil.entity_types', 'vigil.relationship_types', 'vigil.entities', 'vigil.relationships',
        'vigil.observation_history_0', 'vigil.observation_history_1', 'vigil.observation_history_2', 'vigil.observation_history_3',
        'vigil.entity_metrics', 'vigil.entity_scores', 'vigil.relationship_scores', 'vigil.indicators', 'vigil.anomalies', 'vigil.models',
        'vigil.attachments', 'vigil.pending_rows', 'vigil.parked_relationships', 'vigil.rejected_rows',
        'vigil.attachments_id_seq', 'vigil.pending_rows_id_seq', 'vigil.mirror_clock',
        'vigil.reviews', 'vigil.suppressions', 'vigil.incidents', 'vigil.model_activations', 'vigil.audit_log', 'vigil.audit_head', 'vigil.audit_segments',
        'vigil.schedules', 'vigil.playbooks', 'vigil.playbook_progress', 'vigil.reports', 'vigil.reports_id_seq', 'vigil.drift_reports', 'vigil.drift_reports_id_seq',
        'vigil.entity_types_code_seq', 'vigil.relationship_types_code_seq', 'vigil.entities_id_seq', 'vigil.relationships_id_seq',
        'vigil.reviews_id_seq', 'vigil.suppressions_id_seq', 'vigil.incidents_id_seq', 'vigil.model_activations_id_seq'
    ]::regclass[] LOOP
        PERFORM pg_catalog.pg_extension_config_dump(carried, '');
    END LOOP;
END
$$;
