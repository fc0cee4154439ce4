import GraphEngine

extension AnomalyDetector {
    /// A hash of the graph's active entities and relationships, 16 hexadecimal digits.
    ///
    /// The same for the same data, whenever and in whatever order it was read: what is hashed are keys, types
    /// by name and what the rows say, and no age, metric or seed. The hashes of the rows are added up.
    /// - Complexity: O(entities + relationships)
    package func dataFingerprint() -> String {
        var sum: UInt64 = 0
        for id in entityIDs {
            guard let (_, state) = live(id) else { continue }
            let record = state.record
            var hash = RowHash()
            hash.add(record.id)
            hash.add(catalog.entityTypeName(record.typeCode))
            for value in [
                record.confidence, record.riskScore, record.metadataRichness, record.firstSeen,
                record.lastSeen, record.createdAt, record.updatedAt,
            ] { hash.add(value) }
            hash.add(Int64(record.sourceCount))
            hash.add(Int64(record.tagCount))
            hash.add(UInt64(record.hasName ? 1 : 0))
            hash.add(UInt64(record.isVerified ? 1 : 0))
            // The order of tags says nothing.
            hash.add(record.tagKeys.reduce(0, &+))
            for value in record.numericMetadata { hash.add(Double(value)) }
            hash.add(Int64(state.updates.countThrough(.infinity)))
            sum &+= hash.value
        }
        graph.forEachEdge { _, edge in
            guard edge.attributes.isActive else { return }
            var hash = RowHash()
            hash.add(edge.key.rawValue)
            hash.add(graph.nodeKey(at: edge.source).rawValue)
            hash.add(graph.nodeKey(at: edge.target).rawValue)
            hash.add(catalog.relationshipTypeName(edge.attributes.typeCode))
            hash.add(edge.attributes.weight)
            hash.add(edge.attributes.confidence)
            hash.add(edge.attributes.time)
            sum &+= hash.value
        }
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// A hash of one row, mixed well enough to be added to others (the finalizer of SplitMix64).
private struct RowHash {
    private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func add(_ bits: UInt64) {
        var mixed = value ^ bits &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        value = mixed ^ mixed >> 31
    }

    mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

    /// Every NaN counts as the same one, and both zeros.
    mutating func add(_ number: Double) {
        add(number.isNaN ? Double.nan.bitPattern : number == 0 ? 0 : number.bitPattern)
    }

    mutating func add(_ text: String) { add(textKey(text)) }
}
