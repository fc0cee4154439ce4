CREATE TABLE vigil.trials (
    study text NOT NULL
        CHECK (study <> '' AND length(study) <= 200),
    number integer NOT NULL
        CHECK (number >= 0),
    state text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'complete', 'pruned', 'failed')),
    parameters jsonb NOT NULL
        CHECK (jsonb_typeof(parameters) = 'object'),
    value double precision,
    intermediate_values double precision[] NOT NULL DEFAULT '{}',
    seed bigint NOT NULL,
    objective text NOT NULL,
    error text
        CHECK (length(error) <= 10000),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (study, number),
    CHECK ((state = 'running') = (finished_at IS NULL)),
    CHECK ((state = 'complete') = (value IS NOT NULL))
);

COMMENT ON TABLE vigil.trials IS 'What vigil tune has tried, one row for each point of a study. A study goes on where it was interrupted. Administrators may delete a study.';
COMMENT ON COLUMN vigil.trials.study IS 'Name of the study.';
COMMENT ON COLUMN vigil.trials.number IS 'Place in the study, from 0.';
COMMENT ON COLUMN vigil.trials.state IS 'running; complete; pruned: given up, as others were better at the same point; failed.';
COMMENT ON COLUMN vigil.trials.parameters IS 'The value of each parameter.';
COMMENT ON COLUMN vigil.trials.value IS 'What it reached, larger for better; null unless it is complete.';
COMMENT ON COLUMN vigil.trials.intermediate_values IS 'The values on the way, one for each fold.';
COMMENT ON COLUMN vigil.trials.seed IS 'Seed of the study.';
COMMENT ON COLUMN vigil.trials.objective IS 'What the value measures: planted, the average precision on planted corruptions, or reviews, that on reviewed anomalies.';
COMMENT ON COLUMN vigil.trials.error IS 'Why it failed.';
COMMENT ON COLUMN vigil.trials.started_at IS 'When it began.';
COMMENT ON COLUMN vigil.trials.finished_at IS 'When it ended.';
