/// The SQL that turns a row of `vigil.entities` or `vigil.relationships` into what the graph needs.
///
/// The loader and the feed reader share these lists, so a row means the same on both paths.
enum EntityColumns {
    /// Distinct sources of an entity: the list, and the single source where the list lacks it.
    private static let sourceCount = """
        (CASE WHEN cardinality(e.sources) <= 1 THEN cardinality(e.sources)
              ELSE (SELECT count(DISTINCT s) FROM unnest(e.sources) AS s)::int END
         + (e.source IS NOT NULL AND e.source <> ALL (e.sources))::int)::float8
        """

    /// k / (k + 4) for the k top-level metadata keys that hold something: 0 when there is none,
    /// one half at four, towards 1 beyond.
    private static let metadataRichness = """
        CASE WHEN e.metadata = '{}'::jsonb THEN 0::float8
             ELSE (SELECT count(*) / (count(*) + 4.0::float8) FROM jsonb_each(e.metadata) AS m
                   WHERE m.value NOT IN ('null', '""', '[]', '{}')) END
        """

    /// Pieces of evidence: the elements of an array, one for anything else that is not empty; null for
    /// none, over `vigil.relationships r`.
    static let evidenceCount = """
        CASE WHEN r.evidence IS NOT NULL THEN
            CASE WHEN jsonb_typeof(r.evidence) = 'array' THEN jsonb_array_length(r.evidence)
                 ELSE (r.evidence NOT IN ('null', '""', '{}'))::int END END
        """

    /// Bits of the flags column.
    static let hasName: Int32 = 1
    static let isVerified: Int32 = 2
    static let isActive: Int32 = 4

    /// tag, id, first end, second end, flags, nine numbers, type, tags, watched numbers; over
    /// `vigil.entities e`.
    static func entity(tag: Character, watching: WatchedKeys) -> String {
        """
        '\(tag)'::text AS tag, e.id, NULL::bigint AS end1, NULL::bigint AS end2,
        ((coalesce(e.name, '') <> '')::int + 2 * e.is_verified::int + 4 * e.is_active::int) AS flags,
        e.confidence AS d1, e.risk_score AS d2, \(sourceCount) AS d3, \(metadataRichness) AS d4,
        cardinality(e.tags)::float8 AS d5, date_part('epoch', e.first_seen) AS d6,
        date_part('epoch', e.last_seen) AS d7, date_part('epoch', e.created_at) AS d8,
        date_part('epoch', e.updated_at) AS d9, e.type AS note, e.tags AS texts,
        \(watching.expression) AS watched
        """
    }

    /// The columns of the layout after tag and id, all null.
    static let nothing = """
        NULL::bigint AS end1, NULL::bigint AS end2, NULL::int AS flags, NULL::float8 AS d1,
        NULL::float8 AS d2, NULL::float8 AS d3, NULL::float8 AS d4, NULL::float8 AS d5,
        NULL::float8 AS d6, NULL::float8 AS d7, NULL::float8 AS d8, NULL::float8 AS d9,
        NULL::text AS note, NULL::text[] AS texts, NULL::text[] AS watched
        """

    /// The same layout over `vigil.relationships r`; the texts are its sources.
    static func relationship(tag: Character) -> String {
        """
        '\(tag)'::text AS tag, r.id, r.source_entity_id AS end1, r.target_entity_id AS end2,
        2 * r.verified::int + 4 * r.is_active::int AS flags,
        r.confidence AS d1, r.weight AS d2, (\(evidenceCount))::float8 AS d3, NULL::float8 AS d4,
        NULL::float8 AS d5, date_part('epoch', r.first_observed) AS d6,
        NULL::float8 AS d7, CASE WHEN r.first_observed IS NULL THEN date_part('epoch', r.created_at) END AS d8,
        date_part('epoch', r.updated_at) AS d9, r.type AS note, r.sources AS texts, NULL::text[] AS watched
        """
    }
}
