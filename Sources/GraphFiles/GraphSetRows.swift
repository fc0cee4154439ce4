/// One further column of a row that has a value.
package struct GraphSetAttribute: Equatable, Sendable {
    /// The name of the column.
    package var name: String
    /// The text of the field; empty only where the file has a quoted empty text.
    package var value: String
}

/// What is known about the right answer: for evaluation only, never an input of a detector.
package struct GroundTruth: Equatable, Sendable {
    /// 1 anomalous, 0 normal, `nil` unknown.
    package var label: Int?
    /// The other columns that tell the answer (`outlier_kind`, `attack` and so on).
    package var notes: [GraphSetAttribute] = []

    /// The columns that are ground truth wherever they appear.
    package static let columns: Set<String> = [
        "label", "outlier_kind", "attack", "out_attack_edges", "in_attack_edges",
    ]
}

/// One row of `entities.csv`.
package struct GraphSetEntity: Equatable, Sendable {
    /// The line on which the row starts.
    package var line: Int
    /// The row's position among the entities, from 0: how relationships name their ends.
    package var position: Int
    /// The id in the file.
    package var externalID: String
    /// The entity type.
    package var type: String
    /// The name; `nil` without one.
    package var name: String?
    /// What identifies it within its type; `nil` where the id does.
    package var value: String?
    /// Risk from 0 to 1; `nil` unknown.
    package var riskScore: Double?
    /// Confidence from 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// Seconds since 1970; `nil` unknown.
    package var firstSeen: Double?
    /// Seconds since 1970; `nil` unknown.
    package var lastSeen: Double?
    /// When the row was made, seconds since 1970; `nil` unknown.
    package var createdAt: Double?
    /// When the row was last updated, seconds since 1970; `nil` unknown.
    package var updatedAt: Double?
    /// How many sources know the entity; `nil` unknown.
    package var sourceCount: Int?
    /// The names of those sources; empty where the file only counts them.
    package var sources: [String] = []
    /// Whether somebody has confirmed it; `nil` unknown.
    package var isVerified: Bool?
    /// Whether it still holds; `nil` unknown.
    package var isActive: Bool?
    /// Its tags, in the file's order.
    package var tags: [String] = []
    /// Free text; `nil` without one.
    package var description: String?
    /// A JSON object as text; `nil` without one.
    package var metadata: String?
    /// All further columns with a value, in the file's order.
    package var attributes: [GraphSetAttribute]
    /// The right answer, held apart.
    package var groundTruth: GroundTruth
}

/// One row of `relationships.csv`.
package struct GraphSetRelationship: Equatable, Sendable {
    /// The line on which the row starts.
    package var line: Int
    /// The id in the file; `nil` without one.
    package var externalID: String?
    /// The id of the entity that the relationship leaves.
    package var source: String
    /// The id of the entity that the relationship reaches.
    package var target: String
    /// The position of the source among the entities.
    package var sourcePosition: Int
    /// The position of the target among the entities.
    package var targetPosition: Int
    /// The relationship type.
    package var type: String
    /// An amount, a strength or a signed rating; `nil` without one.
    package var weight: Double?
    /// Seconds since 1970; `nil` where the source has no time.
    ///
    /// The first observation, where the file tells that and no `timestamp`.
    package var timestamp: Double?
    /// The last observation, seconds since 1970; `nil` unknown.
    package var lastObserved: Double?
    /// When the row was made, seconds since 1970; `nil` unknown.
    package var createdAt: Double?
    /// When the row was last updated, seconds since 1970; `nil` unknown.
    package var updatedAt: Double?
    /// Confidence from 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// How many sources know the relationship; `nil` unknown.
    package var sourceCount: Int?
    /// The names of those sources; empty where the file only counts them.
    package var sources: [String] = []
    /// What supports it, as JSON text; `nil` without any.
    package var evidence: String?
    /// Whether somebody has confirmed it; `nil` unknown.
    package var isVerified: Bool?
    /// Whether it still holds; `nil` unknown.
    package var isActive: Bool?
    /// Free text; `nil` without one.
    package var description: String?
    /// A JSON object as text; `nil` without one.
    package var metadata: String?
    /// All further columns with a value, in the file's order.
    package var attributes: [GraphSetAttribute]
    /// The right answer, held apart.
    package var groundTruth: GroundTruth
}
