ALTER TABLE vigil.entity_types ADD COLUMN numeric_metadata text[] NOT NULL DEFAULT '{}'
    CHECK (cardinality(numeric_metadata) <= 16 AND array_position(numeric_metadata, NULL) IS NULL);
