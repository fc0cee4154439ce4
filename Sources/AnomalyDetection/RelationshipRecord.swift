/// One relationship row as the detector needs it; NaN stands for an unknown number or time.
package struct RelationshipRecord: Sendable, Equatable {
    /// The database keys of the row and of its ends.
    package var id, sourceEntityID, targetEntityID: Int64
    /// The code of its relationship type.
    package var typeCode: Int32
    /// Confidence 0 to 1, and an amount, a strength or a signed rating; NaN where null.
    package var confidence, weight: Double
    /// Times in seconds since 1970, NaN where unknown.
    package var firstObserved, lastObserved, createdAt: Double
    /// The keys of its distinct sources (``textKey(_:)``), ascending.
    package var sourceKeys: [UInt64]
    /// How many pieces of evidence support it.
    package var evidenceCount: Int
    /// True where somebody verified it.
    package var isVerified: Bool
    /// False where the row is kept but no longer holds.
    package var isActive: Bool

    /// A record of these values.
    package init(
        id: Int64, sourceEntityID: Int64, targetEntityID: Int64, typeCode: Int32,
        confidence: Double = .nan, weight: Double = .nan, firstObserved: Double = .nan,
        lastObserved: Double = .nan, createdAt: Double = .nan, sourceKeys: [UInt64] = [],
        evidenceCount: Int = 0, isVerified: Bool = false, isActive: Bool = true
    ) {
        self.id = id
        self.sourceEntityID = sourceEntityID
        self.targetEntityID = targetEntityID
        self.typeCode = typeCode
        self.confidence = confidence
        self.weight = weight
        self.firstObserved = firstObserved
        self.lastObserved = lastObserved
        self.createdAt = createdAt
        self.sourceKeys = sourceKeys
        self.evidenceCount = evidenceCount
        self.isVerified = isVerified
        self.isActive = isActive
    }
}
