/// What is kept of every relationship beside the graph, in two bytes.
///
/// Sources beyond 63 and evidence beyond 511 count as these.
struct RelationshipMark: Sendable, Equatable {
    static let sourceCountMax = 63
    static let evidenceCountMax = 511

    private var bits: UInt16 = 0

    /// No sources, no evidence, not verified.
    init() {}

    init(_ record: RelationshipRecord) {
        let sources = min(record.sourceKeys.count, Self.sourceCountMax)
        let evidence = min(max(0, record.evidenceCount), Self.evidenceCountMax)
        bits = UInt16(evidence << 7 | sources << 1 | (record.isVerified ? 1 : 0))
    }

    var isVerified: Bool { bits & 1 != 0 }
    var sourceCount: Int { Int(bits >> 1) & Self.sourceCountMax }
    var evidenceCount: Int { Int(bits >> 7) }
}
