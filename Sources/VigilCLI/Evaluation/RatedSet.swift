import GraphFiles

/// The relationships of a graph set, those that are ratings told apart; labels stand aside.
struct RatedSet {
    struct Relationship {
        var source, target: Int32
        /// NaN where the source has no time.
        var time: Double
        /// Nil where the relationship is no rating.
        var rating: Double?
    }

    /// The label of each entity in the file's order; `nil` is unknown.
    private(set) var labels: [Int?] = []
    /// In the file's order.
    private(set) var relationships: [Relationship] = []
    /// The relationship types whose weights are ratings, sorted.
    private(set) var ratingTypes: [String] = []

    init(_ set: GraphSet, ratingTypes wanted: Set<String>) throws {
        var labels: [Int?] = []
        let index = try set.readEntities { labels.append($0.groundTruth.label) }
        var rows: [(relationship: Relationship, type: String)] = []
        var types: Set<String> = []
        var negativeTypes: Set<String> = []
        try set.readRelationships(index: index) { row in
            types.insert(row.type)
            if let weight = row.weight, weight < 0 { negativeTypes.insert(row.type) }
            rows.append(
                (
                    Relationship(
                        source: Int32(row.sourcePosition), target: Int32(row.targetPosition),
                        time: row.timestamp ?? .nan, rating: row.weight), row.type
                ))
        }
        if let unknown = wanted.subtracting(types).sorted().first {
            throw GraphFileError(
                code: .badValue, file: set.relationshipsFile,
                reason: "there is no relationship of type “\(unknown)”")
        }
        let ratings = wanted.isEmpty ? negativeTypes : wanted
        self.labels = labels
        ratingTypes = ratings.sorted()
        relationships = rows.map { row in
            var relationship = row.relationship
            if !ratings.contains(row.type) { relationship.rating = nil }
            return relationship
        }
    }
}
