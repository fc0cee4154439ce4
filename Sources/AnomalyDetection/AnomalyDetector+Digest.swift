import GraphEngine

/// Hashes of what is held of each row, to be compared with hashes of the rows in the tables.
///
/// Equal digests mean equal values, but for one chance in 2^64; their sum is the hash of a set of rows,
/// whatever the order.
extension AnomalyDetector {
    /// The keys of all entities, active or not, ascending.
    /// - Complexity: O(n log n)
    package var everyEntityID: [Int64] {
        states.compactMap { $0?.record.id }.sorted()
    }

    /// The keys of all relationships, active or not, ascending.
    /// - Complexity: O(n log n)
    package var everyRelationshipID: [Int64] {
        var ids: [Int64] = []
        ids.reserveCapacity(graph.edgeCount)
        graph.forEachEdge { _, edge in ids.append(edge.key.rawValue) }
        return ids.sorted()
    }

    /// How many entities there are, active or not.
    package var everyEntityCount: Int { graph.nodeCount }
    /// How many relationships there are, active or not.
    package var everyRelationshipCount: Int { graph.edgeCount }

    /// The keys of the relationships of an entity, in no order; none where there is no such entity.
    package func relationshipIDs(of entityID: Int64) -> [Int64] {
        guard let node = graph.nodeIndex(of: NodeKey(entityID)) else { return [] }
        return graph.incidentEdges(of: node).map { graph.edge(at: $0).key.rawValue }
    }

    /// The digest of what is held of an entity; nil where nothing is.
    package func digest(ofEntity id: Int64) -> UInt64? { record(of: id)?.digest }

    /// The digest of what is held of a relationship; nil where nothing is.
    package func digest(ofRelationship id: Int64) -> UInt64? {
        guard let row = graph.edgeIndex(of: EdgeKey(id)) else { return nil }
        let edge = graph.edge(at: row)
        return Self.digest(
            id, graph.nodeKey(at: edge.source).rawValue, graph.nodeKey(at: edge.target).rawValue,
            edge.attributes, relationships.mark(at: row))
    }

    /// The digest that a relationship of this row would have, if it were held.
    ///
    /// A row without a time of observation counts from its creation, unless it came with so many others
    /// that this says nothing; which of the two, what is held decides.
    package func digest(of record: RelationshipRecord) -> UInt64 {
        var attributes = Self.attributes(of: record, [])
        if record.firstObserved.isNaN, let row = graph.edgeIndex(of: EdgeKey(record.id)),
            graph.edge(at: row).attributes.time.isNaN
        {
            attributes.time = .nan
        }
        return Self.digest(
            record.id, record.sourceEntityID, record.targetEntityID, attributes,
            RelationshipMark(record))
    }

    /// Whether this relationship could be held: both its ends are.
    package func hasEnds(of record: RelationshipRecord) -> Bool {
        graph.nodeIndex(of: NodeKey(record.sourceEntityID)) != nil
            && graph.nodeIndex(of: NodeKey(record.targetEntityID)) != nil
    }

    private static func digest(
        _ id: Int64, _ source: Int64, _ target: Int64, _ attributes: EdgeAttributes,
        _ mark: RelationshipMark
    ) -> UInt64 {
        var digest = RowDigest(id)
        digest.add(UInt64(bitPattern: source))
        digest.add(UInt64(bitPattern: target))
        digest.add(UInt64(UInt32(bitPattern: attributes.typeCode)))
        digest.add(attributes.weight)
        digest.add(attributes.confidence)
        digest.add(attributes.time)
        digest.add(
            UInt64(mark.sourceCount) << 16 | UInt64(mark.evidenceCount) << 2
                | (mark.isVerified ? 2 : 0) | (attributes.isActive ? 1 : 0))
        return digest.value
    }
}

extension EntityRecord {
    /// A hash of all its values.
    package var digest: UInt64 {
        var digest = RowDigest(id)
        digest.add(UInt64(UInt32(bitPattern: typeCode)))
        for number in [confidence, riskScore, metadataRichness] { digest.add(number) }
        for time in [firstSeen, lastSeen, createdAt, updatedAt] { digest.add(time) }
        digest.add(UInt64(bitPattern: Int64(sourceCount)))
        digest.add(UInt64(bitPattern: Int64(tagCount)))
        digest.add((hasName ? 4 : 0) | (isVerified ? 2 : 0) | (isActive ? 1 : 0))
        for key in tagKeys { digest.add(key) }
        for number in numericMetadata { digest.add(Double(number)) }
        return digest.value
    }
}

/// Mixes values one after the other, by the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", 2014, doi:10.1145/2714064.2660195).
private struct RowDigest {
    private(set) var value: UInt64

    init(_ id: Int64) {
        value = 0x9E37_79B9_7F4A_7C15
        add(UInt64(bitPattern: id))
    }

    mutating func add(_ bits: UInt64) {
        var mixed = (value ^ bits) &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        value = mixed ^ (mixed >> 31)
    }

    /// All that is no number is one, and so are both zeros.
    mutating func add(_ number: Double) {
        add(number.isNaN ? Double.nan.bitPattern : number == 0 ? 0 : number.bitPattern)
    }
}
