ALTER TABLE vigil.models DROP CONSTRAINT models_kind_check;
ALTER TABLE vigil.models ALTER COLUMN kind SET DEFAULT 'ensemble';
UPDATE vigil.models SET kind = 'ensemble' WHERE kind = 'entity';
ALTER TABLE vigil.models ADD CONSTRAINT models_kind_check CHECK (kind IN ('ensemble', 'relationship', 'behavior', 'reviews'));
ALTER TABLE vigil.models DROP CONSTRAINT models_state_check;
ALTER TABLE vigil.models ADD CONSTRAINT models_state_check CHECK (state IN ('candidate', 'challenger', 'active', 'retired'));
ALTER TABLE vigil.models ADD COLUMN challenged_at timestamptz;
CREATE UNIQUE INDEX models_challenger_key ON vigil.models (kind) WHERE state = 'challenger';
