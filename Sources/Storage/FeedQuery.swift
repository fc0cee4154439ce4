import ChangeFeed

/// The one statement that reads a batch of the change feed.
///
/// It is one statement because one statement has one snapshot: the rows it returns and the
/// `pg_current_snapshot()` it returns belong together without a transaction around them, in one
/// round trip. `$1` is the previous snapshot's xmax, `$2` the transactions then in progress.
/// Rows of those that have committed since are visible now, the others are not: so the union of
/// both ranges is exactly what is visible now and was not visible then.
///
/// Most reads follow a snapshot without a transaction in progress; for them the second range is
/// left out, which halves the plan that the server has to set up each time. Types come by name, so
/// that no join is needed for their codes.
///
/// The rows come in an order in which they can be applied piece by piece: what is gone, entities,
/// relationships, observations.
struct FeedQuery: Sendable {
    /// A read brings at most so many rows, some megabytes; of more it only says that they are there.
    static let rowCountMax = 20_000

    /// For a previous snapshot without transactions in progress; takes `$1` alone.
    let short: String
    /// For any previous snapshot; takes `$1` and `$2`.
    let whole: String
    private let watched: WatchedKeys

    /// The statements where these keys are watched.
    init(_ watched: WatchedKeys) {
        self.watched = watched
        let limit = "\nLIMIT \(Self.rowCountMax + 1)"
        short = Self.text(ranges: [">= $1"], watched) + limit
        whole = Self.text(ranges: [">= $1", "= ANY ($2::text[]::xid8[])"], watched) + limit
    }

    /// All rows since a snapshot, for a cursor.
    func all(since previous: FeedSnapshot) -> String {
        var ranges = [">= '\(previous.xmax)'::xid8"]
        if !previous.inProgress.isEmpty {
            let list = previous.inProgress.map { String($0) }.joined(separator: ",")
            ranges.append("= ANY ('{\(list)}'::xid8[])")
        }
        return Self.text(ranges: ranges, watched)
    }

    private static func text(ranges: [String], _ watched: WatchedKeys) -> String {
        func union(_ branch: (String) -> String) -> String {
            ranges.map(branch).joined(separator: "\nUNION ALL\n")
        }
        let log = union { range in
            """
            SELECT kind, operation, subject_id, source_entity_id, target_entity_id, observed_at,
                confidence, risk_score, weight, recorded_at
            FROM vigil.observation_history WHERE recorded_xid \(range)
            """
        }
        let insertedEntities = union { range in
            """
            SELECT \(EntityColumns.entity(tag: "E", watching: watched)) FROM vigil.entities e
            WHERE e.inserted_xid \(range)
            """
        }
        let insertedRelationships = union { range in
            """
            SELECT \(EntityColumns.relationship(tag: "R")) FROM vigil.relationships r
            WHERE r.inserted_xid \(range)
            """
        }
        return """
            WITH log AS MATERIALIZED (\(log))
            SELECT 's'::text AS tag, (SELECT coalesce(max(epoch), 0) FROM vigil.feed_epochs) AS id,
                NULL::bigint AS end1, NULL::bigint AS end2, NULL::int AS flags,
                date_part('epoch', clock_timestamp()) AS d1, NULL::float8 AS d2, NULL::float8 AS d3,
                NULL::float8 AS d4, NULL::float8 AS d5, NULL::float8 AS d6, NULL::float8 AS d7,
                NULL::float8 AS d8, NULL::float8 AS d9, pg_current_snapshot()::text AS note,
                NULL::text[] AS texts, NULL::text[] AS watched
            UNION ALL
            SELECT 'd' || kind::text, subject_id, source_entity_id, target_entity_id, NULL::int,
                NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, date_part('epoch', recorded_at),
                NULL, NULL, NULL
            FROM log WHERE operation = 'D'
            UNION ALL
            \(insertedEntities)
            UNION ALL
            SELECT \(EntityColumns.entity(tag: "e", watching: watched))
            FROM (SELECT DISTINCT subject_id FROM log WHERE kind = 'e' AND operation = 'U') AS l
            JOIN vigil.entities e ON e.id = l.subject_id
            UNION ALL
            \(insertedRelationships)
            UNION ALL
            SELECT \(EntityColumns.relationship(tag: "r"))
            FROM (SELECT DISTINCT subject_id FROM log WHERE kind = 'r' AND operation = 'U') AS l
            JOIN vigil.relationships r ON r.id = l.subject_id
            UNION ALL
            SELECT 'o' || kind::text, subject_id, source_entity_id, target_entity_id, NULL::int,
                date_part('epoch', observed_at), confidence, risk_score, weight,
                NULL, NULL, NULL, NULL, date_part('epoch', recorded_at), NULL, NULL, NULL
            FROM log WHERE operation <> 'D'
            """
    }
}
