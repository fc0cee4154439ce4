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
    /// Confidence from 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// Seconds since 1970; `nil` unknown.
    package var firstSeen: Double?
    /// Seconds since 1970; `nil` unknown.
    package var lastSeen: Double?
    /// How many sources know the entity; `nil` unknown.
    package var sourceCount: Int?
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
    package var timestamp: Double?
    /// Confidence from 0 to 1; `nil` unknown.
    package var confidence: Double?
    /// How many sources know the relationship; `nil` unknown.
    package var sourceCount: Int?
    /// All further columns with a value, in the file's order.
    package var attributes: [GraphSetAttribute]
    /// The right answer, held apart.
    package var groundTruth: GroundTruth
}

/// The entity ids of a graph set and their positions.
package struct GraphSetIndex: Sendable {
    private var positions: [String: Int] = [:]

    /// The number of entities.
    package var count: Int { positions.count }

    /// The position of an entity; `nil` for an id that the set does not have.
    package func position(of externalID: String) -> Int? {
        positions[externalID]
    }

    /// Adds an id; false when it is there already.
    mutating func insert(_ externalID: String) -> Bool {
        let position = positions.count
        let kept = positions[externalID, default: position]
        guard kept == position else { return false }
        positions[externalID] = position
        return true
    }
}
