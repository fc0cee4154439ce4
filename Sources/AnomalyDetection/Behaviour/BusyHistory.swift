import GraphEngine

/// The newest buckets of an entity with many relationships, kept so that a judgement reads buckets
/// instead of relationships.
///
/// Only a copy of what the rows say: it is always what scanning them would give, except where a bucket
/// is stale and about to be made anew.
struct BusyHistory: Sendable {
    /// Entities with no more rows than this are scanned instead.
    static let scanRowCountMax = 256
    /// So many buckets with relationships are kept, the newest.
    static let bucketCountMax = 64

    /// The relationships first observed in one bucket.
    struct Bucket: Sendable {
        var number: Int
        /// In the order of time and key.
        var rows: [EdgeIndex] = []
        var outboundCount = 0
        var inboundCount = 0
        /// The numbers of the whole bucket, unless it is stale.
        var numbers = BehaviourBucket.emptyNumbers
        /// The hours since 1970 of those looked at that leave the entity, each once, unless it is stale.
        var hours: [Int32] = []
        var isStale = true
    }

    /// In ascending order of their numbers; none is empty.
    private(set) var buckets: [Bucket] = []
    /// Buckets before this one are not kept.
    private(set) var coveredFrom = Int.min

    /// The place of a bucket, or where it would be.
    func place(of number: Int) -> Int {
        var low = 0
        var high = buckets.count
        while low < high {
            let middle = (low + high) / 2
            if buckets[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The bucket of this number; nil where it has no relationship, or is not kept.
    subscript(number: Int) -> Bucket? {
        let place = place(of: number)
        return place < buckets.count && buckets[place].number == number ? buckets[place] : nil
    }

    mutating func insert(
        _ row: EdgeIndex, _ edge: Edge, at node: NodeIndex, number: Int,
        _ graph: AdjacencyGraph
    ) {
        guard number >= coveredFrom else { return }
        let place = place(of: number)
        if place == buckets.count || buckets[place].number != number {
            buckets.insert(Bucket(number: number), at: place)
        }
        buckets[place].isStale = true
        buckets[place].rows.insert(
            row, at: Self.position(of: edge, in: buckets[place].rows, graph))
        if edge.source == node { buckets[place].outboundCount += 1 }
        if edge.target == node { buckets[place].inboundCount += 1 }
        if buckets.count > Self.bucketCountMax {
            buckets.removeFirst()
            coveredFrom = buckets[0].number
        }
    }

    /// Takes a row out that is still in the graph as it was put in.
    mutating func remove(
        _ row: EdgeIndex, _ edge: Edge, at node: NodeIndex, number: Int, _ graph: AdjacencyGraph
    ) {
        let place = place(of: number)
        guard place < buckets.count, buckets[place].number == number else { return }
        let position = Self.position(of: edge, in: buckets[place].rows, graph)
        guard position < buckets[place].rows.count, buckets[place].rows[position] == row else {
            return
        }
        buckets[place].rows.remove(at: position)
        buckets[place].isStale = true
        if edge.source == node { buckets[place].outboundCount -= 1 }
        if edge.target == node { buckets[place].inboundCount -= 1 }
        if buckets[place].rows.isEmpty { buckets.remove(at: place) }
    }

    mutating func markStale(_ number: Int) {
        let place = place(of: number)
        if place < buckets.count, buckets[place].number == number { buckets[place].isStale = true }
    }

    mutating func markAllStale() {
        for place in buckets.indices { buckets[place].isStale = true }
    }

    /// Makes the stale buckets anew.
    mutating func refresh(_ make: (Bucket) -> (numbers: SIMD16<Float>, hours: [Int32])) {
        for place in buckets.indices where buckets[place].isStale {
            (buckets[place].numbers, buckets[place].hours) = make(buckets[place])
            buckets[place].isStale = false
        }
    }

    /// Where a row of this time and key stands, or would stand.
    private static func position(
        of edge: Edge, in rows: [EdgeIndex], _ graph: AdjacencyGraph
    ) -> Int {
        let wanted = (edge.attributes.time, edge.key)
        func isBefore(_ row: EdgeIndex) -> Bool {
            let other = graph.edge(at: row)
            return (other.attributes.time, other.key) < wanted
        }
        guard let last = rows.last else { return 0 }
        if isBefore(last) { return rows.count }
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(rows[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
