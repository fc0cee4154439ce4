import AnomalyModels
import GraphEngine

/// The counts behind relationships' features, kept under changes and made anew by a cold start.
extension AnomalyDetector {
    /// The types of a relationship and of its ends.
    func types(of edge: Edge) -> TypeSurprise.Triple {
        TypeSurprise.Triple(
            type: edge.attributes.typeCode, source: typeCode(of: edge.source),
            target: typeCode(of: edge.target))
    }

    private func typeCode(of node: NodeIndex) -> Int32 {
        states[Int(node)]?.record.typeCode ?? Int32.min
    }

    /// Counts a row in (`change` 1) or out (-1), for its types, its weight and its hubs.
    mutating func countRelationship(_ edge: Edge, by change: Int32) {
        relationships.count(edge, types: types(of: edge), by: change)
        relationships.countHubs(edge, by: change)
    }

    /// Counts the rows of an entity again whose own type has changed.
    /// - Complexity: O(rows of the entity)
    mutating func recountTypes(of node: NodeIndex, from old: Int32, to new: Int32) {
        guard node < graph.nodeIndexBound else { return }
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            guard edge.attributes.isActive else { continue }
            let before = types(of: edge)
            let after = TypeSurprise.Triple(
                type: before.type, source: edge.source == node ? new : before.source,
                target: edge.target == node ? new : before.target)
            relationships.recount(
                from: before, to: after, weight: Double(edge.attributes.weight))
        }
    }

    /// Counts all rows, after a cold start.
    mutating func countRelationships() {
        let graph = self.graph
        relationships.keepHistories { graph.edgeIndex(of: $0) != nil }
        var typeCodes = [Int32](repeating: Int32.min, count: graph.nodeIndexBound)
        for node in states.indices { typeCodes[node] = typeCode(of: NodeIndex(node)) }
        var counts = TripleCounts()
        var places: [SentType: Int] = [:]
        var weights: [(type: SentType, sketch: LogarithmSketch)] = []
        graph.forEachEdge { _, edge in
            let attributes = edge.attributes
            guard attributes.isActive else { return }
            let triple = TypeSurprise.Triple(
                type: attributes.typeCode, source: typeCodes[Int(edge.source)],
                target: typeCodes[Int(edge.target)])
            counts.add(triple)
            let weight = abs(attributes.weight)
            guard weight > 0 else { return }
            let type = SentType(triple)
            let place = places[type] ?? weights.count
            if place == weights.count {
                places[type] = place
                weights.append((type, LogarithmSketch()))
            }
            weights[place].sketch.add(weight)
        }
        for (triple, count) in counts.counts { relationships.add(triple, count: count) }
        for (type, sketch) in weights { relationships.addWeights(sketch, of: type) }
        for node in 0..<NodeIndex(graph.nodeIndexBound)
        where graph.incidentEdgeCount(of: node) > HubRows.rowCountMin {
            relationships.reviewHub(node, in: graph)
        }
    }
}

/// Counts triples of types; most rows are of a few of them, which a small table finds without hashing.
private struct TripleCounts {
    private static let slotCount = 4096
    private var triples = [TypeSurprise.Triple?](repeating: nil, count: slotCount)
    private var slotCounts = [Int](repeating: 0, count: slotCount)
    private var others: [TypeSurprise.Triple: Int] = [:]

    mutating func add(_ triple: TypeSurprise.Triple) {
        let code =
            UInt64(UInt32(bitPattern: triple.type)) &* 0x9e37_79b9_7f4a_7c15
            ^ UInt64(UInt32(bitPattern: triple.source)) &* 0xbf58_476d_1ce4_e5b9
            ^ UInt64(UInt32(bitPattern: triple.target)) &* 0x94d0_49bb_1331_11eb
        let slot = Int(truncatingIfNeeded: code >> 52)
        if triples[slot] == triple {
            slotCounts[slot] += 1
        } else if triples[slot] == nil {
            triples[slot] = triple
            slotCounts[slot] = 1
        } else {
            others[triple, default: 0] += 1
        }
    }

    var counts: [(triple: TypeSurprise.Triple, count: Int)] {
        var all = others.map { (triple: $0.key, count: $0.value) }
        for (slot, triple) in triples.enumerated() {
            if let triple { all.append((triple, slotCounts[slot])) }
        }
        return all
    }
}
