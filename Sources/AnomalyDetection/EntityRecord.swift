/// One entity row as the detector needs it; NaN stands for an unknown number or time.
package struct EntityRecord: Sendable, Equatable {
    /// The database key.
    package var id: Int64
    /// The code of its entity type.
    package var typeCode: Int32
    /// Confidence and risk, 0 to 1, NaN where null.
    package var confidence, riskScore: Double
    /// How many distinct sources name it.
    package var sourceCount: Int
    /// True where the name is not empty.
    package var hasName: Bool
    /// True where somebody verified it.
    package var isVerified: Bool
    /// How much metadata it has, 0 to 1; NaN where unknown.
    package var metadataRichness: Double
    /// How many tags it carries.
    package var tagCount: Int
    /// The keys of its tags (``textKey(_:)``), ascending; empty where nobody needs them.
    package var tagKeys: [UInt64]
    /// The numbers of its metadata that its type watches (``TypeCatalog/numericMetadata``), in that
    /// order, NaN where missing; empty where the type watches none.
    package var numericMetadata: [Float]
    /// Times in seconds since 1970, NaN where unknown.
    package var firstSeen, lastSeen, createdAt, updatedAt: Double
    /// False where the row is kept but no longer holds; such an entity is not judged.
    package var isActive: Bool

    /// A record of these values.
    package init(
        id: Int64, typeCode: Int32, confidence: Double = .nan, riskScore: Double = .nan,
        sourceCount: Int = 0, hasName: Bool = true, isVerified: Bool = false,
        metadataRichness: Double = .nan, tagCount: Int = 0, tagKeys: [UInt64] = [],
        numericMetadata: [Float] = [], firstSeen: Double = .nan,
        lastSeen: Double = .nan, createdAt: Double = .nan, updatedAt: Double = .nan,
        isActive: Bool = true
    ) {
        self.id = id
        self.typeCode = typeCode
        self.confidence = confidence
        self.riskScore = riskScore
        self.sourceCount = sourceCount
        self.hasName = hasName
        self.isVerified = isVerified
        self.metadataRichness = metadataRichness
        self.tagCount = tagCount
        self.tagKeys = tagKeys
        self.numericMetadata = numericMetadata
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.isActive = isActive
    }
}
