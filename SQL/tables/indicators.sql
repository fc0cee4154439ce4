CREATE TABLE vigil.indicators (
    name text PRIMARY KEY
        CHECK (name ~ '^[a-z][a-z0-9_]*$'),
    anomaly_type text NOT NULL
        CHECK (anomaly_type IN ('behavioral', 'relationship', 'infrastructure', 'data_quality', 'temporal', 'semantic')),
    scope text NOT NULL
        CHECK (scope IN ('entity', 'relationship')),
    condition jsonb NOT NULL
        CHECK (jsonb_typeof(condition) = 'object'),
    weight double precision NOT NULL DEFAULT 1
        CHECK (weight BETWEEN 0 AND 1),
    description text NOT NULL,
    recommendation text NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
        CHECK (version >= 1)
);

COMMENT ON TABLE vigil.indicators IS 'Named signs by which an anomaly is classified. They can be edited, switched off and added to.';
COMMENT ON COLUMN vigil.indicators.name IS 'Name of the indicator.';
COMMENT ON COLUMN vigil.indicators.anomaly_type IS 'Type of anomaly that it speaks for.';
COMMENT ON COLUMN vigil.indicators.scope IS 'What it looks at: entity or relationship.';
COMMENT ON COLUMN vigil.indicators.condition IS 'Condition over the features, as JSON.';
COMMENT ON COLUMN vigil.indicators.weight IS 'How much it counts when the primary type is chosen, 0 to 1.';
COMMENT ON COLUMN vigil.indicators.description IS 'What it means when it holds.';
COMMENT ON COLUMN vigil.indicators.recommendation IS 'The next step for an analyst.';
COMMENT ON COLUMN vigil.indicators.is_enabled IS 'False: the indicator is not looked at.';
COMMENT ON COLUMN vigil.indicators.version IS 'Number of this wording of the indicator; each change raises it.';
