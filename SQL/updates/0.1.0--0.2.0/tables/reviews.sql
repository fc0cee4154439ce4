ALTER TABLE vigil.reviews ADD COLUMN lapsed_at timestamptz;
