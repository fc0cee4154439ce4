-- What the trigger of an attached table hands over for each row. The attributes from the second on
-- bear the names of the options of vigil.attach_entities and vigil.attach_relationships; the code
-- that maps them counts on their order.
CREATE TYPE vigil.mirrored_entity AS (
    key text,
    type text,
    name text,
    value text,
    risk_score double precision,
    confidence double precision,
    source text,
    sources text[],
    is_verified boolean,
    description text,
    metadata jsonb,
    tags text[],
    first_seen timestamptz,
    last_seen timestamptz,
    is_active boolean
);

COMMENT ON TYPE vigil.mirrored_entity IS 'A row of an attached table as an entity.';
COMMENT ON COLUMN vigil.mirrored_entity.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.mirrored_entity.type IS 'As vigil.entities.type.';
COMMENT ON COLUMN vigil.mirrored_entity.name IS 'As vigil.entities.name.';
COMMENT ON COLUMN vigil.mirrored_entity.value IS 'As vigil.entities.value.';
COMMENT ON COLUMN vigil.mirrored_entity.risk_score IS 'As vigil.entities.risk_score.';
COMMENT ON COLUMN vigil.mirrored_entity.confidence IS 'As vigil.entities.confidence.';
COMMENT ON COLUMN vigil.mirrored_entity.source IS 'As vigil.entities.source.';
COMMENT ON COLUMN vigil.mirrored_entity.sources IS 'As vigil.entities.sources.';
COMMENT ON COLUMN vigil.mirrored_entity.is_verified IS 'As vigil.entities.is_verified.';
COMMENT ON COLUMN vigil.mirrored_entity.description IS 'As vigil.entities.description.';
COMMENT ON COLUMN vigil.mirrored_entity.metadata IS 'As vigil.entities.metadata; a JSON object.';
COMMENT ON COLUMN vigil.mirrored_entity.tags IS 'As vigil.entities.tags.';
COMMENT ON COLUMN vigil.mirrored_entity.first_seen IS 'As vigil.entities.first_seen.';
COMMENT ON COLUMN vigil.mirrored_entity.last_seen IS 'As vigil.entities.last_seen.';
COMMENT ON COLUMN vigil.mirrored_entity.is_active IS 'As vigil.entities.is_active.';

CREATE TYPE vigil.mirrored_relationship AS (
    key text,
    source_key text,
    target_key text,
    type text,
    confidence double precision,
    weight double precision,
    sources text[],
    evidence jsonb,
    description text,
    metadata jsonb,
    first_observed timestamptz,
    last_observed timestamptz,
    verified boolean,
    is_active boolean
);

COMMENT ON TYPE vigil.mirrored_relationship IS 'A row of an attached table as a relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.key IS 'Key of the row, as text.';
COMMENT ON COLUMN vigil.mirrored_relationship.source_key IS 'Key of the row that is the source, as text; null: the row is no relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.target_key IS 'Key of the row that is the target, as text; null: the row is no relationship.';
COMMENT ON COLUMN vigil.mirrored_relationship.type IS 'As vigil.relationships.type.';
COMMENT ON COLUMN vigil.mirrored_relationship.confidence IS 'As vigil.relationships.confidence.';
COMMENT ON COLUMN vigil.mirrored_relationship.weight IS 'As vigil.relationships.weight.';
COMMENT ON COLUMN vigil.mirrored_relationship.sources IS 'As vigil.relationships.sources.';
COMMENT ON COLUMN vigil.mirrored_relationship.evidence IS 'As vigil.relationships.evidence.';
COMMENT ON COLUMN vigil.mirrored_relationship.description IS 'As vigil.relationships.description.';
COMMENT ON COLUMN vigil.mirrored_relationship.metadata IS 'As vigil.relationships.metadata; a JSON object.';
COMMENT ON COLUMN vigil.mirrored_relationship.first_observed IS 'As vigil.relationships.first_observed.';
COMMENT ON COLUMN vigil.mirrored_relationship.last_observed IS 'As vigil.relationships.last_observed.';
COMMENT ON COLUMN vigil.mirrored_relationship.verified IS 'As vigil.relationships.verified.';
COMMENT ON COLUMN vigil.mirrored_relationship.is_active IS 'As vigil.relationships.is_active.';
