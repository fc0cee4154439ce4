ALTER TABLE vigil.models DROP CONSTRAINT models_kind_check;
ALTER TABLE vigil.models ALTER COLUMN kind SET DEFAULT 'ensemble';
UPDATE vigil.models SET kind = 'ensemble' WHERE kind = 'entity';
ALTER TABLE vigil.models ADD CONSTRAINT models_kind_check CHECK (kind IN ('ensemble', 'relationship', 'behavior'));
