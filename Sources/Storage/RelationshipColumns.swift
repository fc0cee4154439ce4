import AnomalyDetection
import PostgresClient

/// The columns of `vigil.relationships` that the graph needs, as the cold start reads them: as they
/// are stored, so that the server has nothing to compute.
struct RelationshipColumns: Sendable {
    /// The time of creation counts only where no other is known.
    static let query = """
        SELECT id, source_entity_id, target_entity_id, type, is_active, confidence, weight,
            first_observed, CASE WHEN first_observed IS NULL THEN created_at END, verified,
            CASE WHEN cardinality(sources) > 0 THEN sources END, \(EntityColumns.evidenceCount)
        FROM vigil.relationships r
        """

    private let types: TypeCodes
    /// The names of the types in the bytes in which they come, those of each length together.
    private let known: [Int: [(name: [UInt8], code: Int32)]]

    init(types: TypeCodes) {
        self.types = types
        known = Dictionary(grouping: types.relationshipNames, by: \.name.count)
    }

    func relationship(_ row: borrowing CopyRow) throws -> RelationshipRecord {
        var sources = TextKeys()
        if !row.isNull(10) { try row.forEachText(10) { sources.insert($0) } }
        return RelationshipRecord(
            id: try row.int64(0), sourceEntityID: try row.int64(1),
            targetEntityID: try row.int64(2), typeCode: try typeCode(row),
            confidence: try row.doubleOrNaN(5), weight: try row.doubleOrNaN(6),
            firstObserved: try row.timestampSecondsOrNaN(7),
            createdAt: try row.timestampSecondsOrNaN(8), sourceKeys: sources.finish(),
            evidenceCount: row.isNull(11) ? 0 : Int(try row.int32(11)),
            isVerified: try row.bool(9), isActive: try row.bool(4))
    }

    /// Compares bytes: making a string and hashing it takes longer than the rest of the row.
    private func typeCode(_ row: borrowing CopyRow) throws -> Int32 {
        let code = try row.withBytes(3) { bytes in
            known[bytes.count]?.first { $0.name.elementsEqual(bytes) }?.code
        }
        if let code { return code }
        return try types.relationshipCode(try row.text(3))
    }
}
