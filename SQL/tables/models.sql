CREATE TABLE vigil.models (
    version text PRIMARY KEY
        CHECK (version <> ''),
    kind text NOT NULL DEFAULT 'ensemble'
        CHECK (kind IN ('ensemble', 'relationship', 'behavior', 'reviews')),
    state text NOT NULL DEFAULT 'candidate'
        CHECK (state IN ('candidate', 'challenger', 'active', 'retired')),
    card jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(card) = 'object'),
    archive bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    note text,
    challenged_at timestamptz
);

ALTER TABLE vigil.models ALTER COLUMN archive SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX models_active_key ON vigil.models (kind) WHERE state = 'active';
CREATE UNIQUE INDEX models_challenger_key ON vigil.models (kind) WHERE state = 'challenger';

COMMENT ON TABLE vigil.models IS 'Trained models: numbers, never code.';
COMMENT ON COLUMN vigil.models.version IS 'Version of the model.';
COMMENT ON COLUMN vigil.models.kind IS 'What the model scores: ensemble, which is entities, their behaviour and relationships together; relationship or behavior alone; or reviews, which is what reviews have taught on top of an ensemble. The sidecar trains and uses ensembles.';
COMMENT ON COLUMN vigil.models.state IS 'candidate; challenger, which judges in the shadow of the active one; active; or retired. Of each kind there is at most one challenger and one that is active; neither can be deleted.';
COMMENT ON COLUMN vigil.models.card IS 'What it was trained on, how, and how well it did.';
COMMENT ON COLUMN vigil.models.archive IS 'The model itself, as a safetensors file.';
COMMENT ON COLUMN vigil.models.created_at IS 'When the training ended.';
COMMENT ON COLUMN vigil.models.activated_at IS 'When it was last made active.';
COMMENT ON COLUMN vigil.models.note IS 'Free text.';
COMMENT ON COLUMN vigil.models.challenged_at IS 'When it last became the challenger.';
