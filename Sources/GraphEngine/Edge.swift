/// One directed edge row with its ends as positions.
package struct Edge: Sendable, Equatable {
    /// The database key.
    package var key: EdgeKey
    /// The node that the edge leaves.
    package var source: NodeIndex
    /// The node that the edge enters; equal to `source` for a self-loop.
    package var target: NodeIndex
    /// What the row says about the edge.
    package var attributes: EdgeAttributes

    /// Puts an edge together.
    package init(
        key: EdgeKey, source: NodeIndex, target: NodeIndex, attributes: EdgeAttributes
    ) {
        self.key = key
        self.source = source
        self.target = target
        self.attributes = attributes
    }
}

/// What an edge row carries besides its ends.
package struct EdgeAttributes: Sendable {
    /// The code of the relationship type.
    package var typeCode: Int32
    /// An amount, a strength or a signed rating; NaN where the row has none.
    package var weight: Double
    /// The confidence in [0, 1]; NaN where the row has none.
    package var confidence: Double
    /// When it was first observed, in seconds since 1970; NaN where unknown.
    package var time: Double
    /// Whether the edge counts for the simple undirected graph and the metrics.
    package var isActive: Bool

    /// Puts the attributes together; what is left out is missing.
    package init(
        typeCode: Int32 = 0, weight: Double = .nan, confidence: Double = .nan,
        time: Double = .nan, isActive: Bool = true
    ) {
        self.typeCode = typeCode
        self.weight = weight
        self.confidence = confidence
        self.time = time
        self.isActive = isActive
    }
}

extension EdgeAttributes: Equatable {
    /// Compares field by field; a missing value equals a missing value, unlike NaN elsewhere.
    package static func == (lhs: Self, rhs: Self) -> Bool {
        func same(_ first: Double, _ second: Double) -> Bool {
            first == second || (first.isNaN && second.isNaN)
        }
        return lhs.typeCode == rhs.typeCode && lhs.isActive == rhs.isActive
            && same(lhs.weight, rhs.weight) && same(lhs.confidence, rhs.confidence)
            && same(lhs.time, rhs.time)
    }
}
