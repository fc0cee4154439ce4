CREATE TABLE vigil.settings (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    default_value jsonb NOT NULL
        CHECK (jsonb_typeof(default_value) IN ('number', 'boolean', 'string')),
    unit text NOT NULL DEFAULT '',
    minimum numeric,
    maximum numeric,
    description text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE vigil.settings IS 'Settings of Vigil. Change one with UPDATE vigil.settings SET value = ''0.6'' WHERE name = ''anomaly_threshold''; it takes effect at once.';
COMMENT ON COLUMN vigil.settings.name IS 'Name of the setting.';
COMMENT ON COLUMN vigil.settings.value IS 'The value in force; it has the JSON type of the default.';
COMMENT ON COLUMN vigil.settings.default_value IS 'The value as shipped.';
COMMENT ON COLUMN vigil.settings.unit IS 'Unit of the value; empty where it has none.';
COMMENT ON COLUMN vigil.settings.minimum IS 'Smallest number allowed; null: no limit.';
COMMENT ON COLUMN vigil.settings.maximum IS 'Largest number allowed; null: no limit.';
COMMENT ON COLUMN vigil.settings.description IS 'What the setting does.';
COMMENT ON COLUMN vigil.settings.updated_at IS 'When the value was last changed.';
