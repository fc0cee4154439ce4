-- No foreign keys to the subjects: TRUNCATE of vigil.relationships would be refused, or take the record
-- along. Triggers close the anomalies of deleted and truncated subjects instead (triggers/close_anomalies.sql).
CREATE TABLE vigil.anomalies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    subject_kind text NOT NULL
        CHECK (subject_kind IN ('entity', 'relationship')),
    subject_id bigint NOT NULL,
    subject_type text,
    subject_name text,
    entity_id bigint,
    relationship_id bigint,
    anomaly_type text NOT NULL
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    all_types text[] NOT NULL DEFAULT '{}'
        CHECK (all_types <@ '{behavioral,relationship,infrastructure,data_quality,temporal,semantic}'::text[]),
    anomaly_score double precision NOT NULL
        CHECK (anomaly_score BETWEEN 0 AND 1),
    peak_score double precision NOT NULL
        CHECK (peak_score BETWEEN 0 AND 1),
    p_value double precision
        CHECK (p_value BETWEEN 0 AND 1),
    confidence double precision NOT NULL
        CHECK (confidence BETWEEN 0 AND 1),
    severity text NOT NULL
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    description text NOT NULL DEFAULT '',
    explanation jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(explanation) = 'object'),
    subgraph jsonb
        CHECK (jsonb_typeof(subgraph) = 'object'),
    detection_method text NOT NULL,
    indicators text[] NOT NULL DEFAULT '{}',
    recommendations text[] NOT NULL DEFAULT '{}',
    model_version text,
    graph_epoch bigint,
    first_detected timestamptz NOT NULL DEFAULT now(),
    last_detected timestamptz NOT NULL DEFAULT now(),
    occurrences integer NOT NULL DEFAULT 1
        CHECK (occurrences >= 1),
    reviewed boolean NOT NULL DEFAULT false,
    verdict text
        CHECK (verdict IN ('true_positive', 'false_positive', 'benign', 'undecided')),
    reviewed_by text,
    review_notes text
        CHECK (length(review_notes) <= 10000),
    reviewed_at timestamptz,
    assigned_to text
        CHECK (length(assigned_to) <= 200),
    suppressed_by bigint,
    suppressed_until timestamptz,
    community_id bigint,
    incident_id bigint,
    is_active boolean NOT NULL DEFAULT true,
    resolved_at timestamptz,
    resolution text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    reopened integer NOT NULL DEFAULT 0
        CHECK (reopened >= 0),
    reopened_at timestamptz,
    resolved_by_itself boolean NOT NULL DEFAULT false,
    CHECK (peak_score >= anomaly_score),
    CHECK (entity_id IS NULL OR (subject_kind = 'entity' AND entity_id = subject_id)),
    CHECK (relationship_id IS NULL OR (subject_kind = 'relationship' AND relationship_id = subject_id)),
    CHECK (reviewed = (verdict IS NOT NULL)),
    CHECK (NOT (is_active AND resolved_at IS NOT NULL)),
    CHECK ((suppressed_by IS NULL) = (suppressed_until IS NULL)),
    CHECK (NOT (is_active AND resolved_by_itself))
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX anomalies_open_key ON vigil.anomalies (subject_kind, subject_id, anomaly_type) WHERE is_active;
-- One index for each order and each filter of vigil.list_anomalies(). Those that end in score, time
-- and id give a page of that filter in its order without a sort.
CREATE INDEX anomalies_open_score_idx ON vigil.anomalies (anomaly_score DESC, first_detected DESC, id DESC) WHERE is_active;
CREATE INDEX anomalies_score_idx ON vigil.anomalies (anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_last_detected_idx ON vigil.anomalies (last_detected DESC, id DESC);
CREATE INDEX anomalies_severity_idx ON vigil.anomalies (severity, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_type_idx ON vigil.anomalies (anomaly_type, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_method_idx ON vigil.anomalies (detection_method, anomaly_score DESC, first_detected DESC, id DESC);
CREATE INDEX anomalies_subject_idx ON vigil.anomalies (subject_kind, subject_id, last_detected DESC);
CREATE INDEX anomalies_subject_name_idx ON vigil.anomalies (lower("left"(subject_name, 60)) text_pattern_ops);
CREATE INDEX anomalies_verdict_idx ON vigil.anomalies (verdict, anomaly_score DESC, first_detected DESC, id DESC) WHERE verdict IS NOT NULL;
CREATE INDEX anomalies_assigned_to_idx ON vigil.anomalies (assigned_to, anomaly_score DESC) WHERE assigned_to IS NOT NULL;
CREATE INDEX anomalies_suppressed_by_idx ON vigil.anomalies (suppressed_by) WHERE suppressed_by IS NOT NULL;
-- For vigil.run_upkeep().
CREATE INDEX anomalies_closed_idx ON vigil.anomalies (coalesce(resolved_at, last_detected)) WHERE NOT is_active;
CREATE INDEX anomalies_incident_id_idx ON vigil.anomalies (incident_id);
CREATE INDEX anomalies_community_id_idx ON vigil.anomalies (community_id, last_detected DESC) WHERE community_id IS NOT NULL;

COMMENT ON TABLE vigil.anomalies IS 'What was found strange. One open anomaly for each subject and type: a repetition updates it; when its cause goes away it is resolved by itself, and opened again when the cause returns.';
COMMENT ON COLUMN vigil.anomalies.id IS 'Key of the anomaly.';
COMMENT ON COLUMN vigil.anomalies.subject_kind IS 'What is strange: entity or relationship.';
COMMENT ON COLUMN vigil.anomalies.subject_id IS 'Id of the entity or relationship; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.subject_type IS 'Type of the subject at detection; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.subject_name IS 'Name of the subject at detection; kept when the row is deleted.';
COMMENT ON COLUMN vigil.anomalies.entity_id IS 'The entity; null for a relationship, and after the entity was deleted or truncated.';
COMMENT ON COLUMN vigil.anomalies.relationship_id IS 'The relationship; null for an entity, and after the relationship was deleted or truncated.';
COMMENT ON COLUMN vigil.anomalies.anomaly_type IS 'Primary type: behavioral, relationship, infrastructure, data_quality, temporal or semantic.';
COMMENT ON COLUMN vigil.anomalies.all_types IS 'Every type that holds.';
COMMENT ON COLUMN vigil.anomalies.anomaly_score IS 'Newest score: min(1, -log10(p) / 5).';
COMMENT ON COLUMN vigil.anomalies.peak_score IS 'Highest score so far.';
COMMENT ON COLUMN vigil.anomalies.p_value IS 'Tail probability behind the score; null if no detector could speak.';
COMMENT ON COLUMN vigil.anomalies.confidence IS 'How far the answer can be trusted, 0 to 1.';
COMMENT ON COLUMN vigil.anomalies.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN vigil.anomalies.description IS 'What is strange, in one sentence.';
COMMENT ON COLUMN vigil.anomalies.explanation IS 'Why it is strange, as JSON: a paragraph, sentences, types, detectors, features, indicators, evidence, behaviour, the counterfactual, and the inputs that `vigil replay` starts from; docs/explanation.schema.json has its form. Read it with vigil.explain_anomaly().';
COMMENT ON COLUMN vigil.anomalies.subgraph IS 'The graph around the subject as it was at detection. Draw it with vigil.anomaly_dot().';
COMMENT ON COLUMN vigil.anomalies.detection_method IS 'Which detectors found it.';
COMMENT ON COLUMN vigil.anomalies.indicators IS 'Names of the indicators that held.';
COMMENT ON COLUMN vigil.anomalies.recommendations IS 'Next steps for an analyst.';
COMMENT ON COLUMN vigil.anomalies.model_version IS 'The model that was used; null if only rules spoke.';
COMMENT ON COLUMN vigil.anomalies.graph_epoch IS 'State of the graph that was scored.';
COMMENT ON COLUMN vigil.anomalies.first_detected IS 'When it was first detected.';
COMMENT ON COLUMN vigil.anomalies.last_detected IS 'When it was last detected.';
COMMENT ON COLUMN vigil.anomalies.occurrences IS 'How often it has been detected.';
COMMENT ON COLUMN vigil.anomalies.reviewed IS 'A person has judged it.';
COMMENT ON COLUMN vigil.anomalies.verdict IS 'true_positive, false_positive, benign or undecided; null before a review.';
COMMENT ON COLUMN vigil.anomalies.reviewed_by IS 'Who judged it.';
COMMENT ON COLUMN vigil.anomalies.review_notes IS 'What they noted.';
COMMENT ON COLUMN vigil.anomalies.reviewed_at IS 'When they judged it.';
COMMENT ON COLUMN vigil.anomalies.assigned_to IS 'Who looks after it.';
COMMENT ON COLUMN vigil.anomalies.suppressed_by IS 'The suppression that it falls under; null if none.';
COMMENT ON COLUMN vigil.anomalies.suppressed_until IS 'Until then it is kept, but not shown as open and not announced.';
COMMENT ON COLUMN vigil.anomalies.community_id IS 'Community of its subject when it was found, as vigil.entity_metrics has it; null if unknown.';
COMMENT ON COLUMN vigil.anomalies.incident_id IS 'The incident that it was put into when it was found; vigil.incidents.merged_into tells where that incident went.';
COMMENT ON COLUMN vigil.anomalies.is_active IS 'False: the anomaly is resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.resolved_at IS 'When it was resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.resolution IS 'Why it was resolved or closed.';
COMMENT ON COLUMN vigil.anomalies.created_at IS 'When the row was created.';
COMMENT ON COLUMN vigil.anomalies.updated_at IS 'When the row was last updated.';
COMMENT ON COLUMN vigil.anomalies.reopened IS 'How often its cause has returned after it was resolved by itself.';
COMMENT ON COLUMN vigil.anomalies.reopened_at IS 'When its cause last returned; null if it never did.';
COMMENT ON COLUMN vigil.anomalies.resolved_by_itself IS 'It was resolved because its cause went away or its evidence changed, not by a deletion or by a person. If the cause returns within the setting reopen_days, it is opened again.';
