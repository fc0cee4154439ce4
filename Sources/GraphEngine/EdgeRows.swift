/// The two ends of an edge row and whether it is active, in eight bytes; a free position has none.
struct EdgeEnds: BitwiseCopyable, Sendable {
    /// The source, with one bit on top for rows that are not active.
    private let bits: Int32
    /// The target; negative where the position is free.
    let target: Int32

    private static let inactiveBit: Int32 = 1 << 30
    static let free = EdgeEnds(source: -1, target: -1, isActive: true)

    init(source: Int32, target: Int32, isActive: Bool) {
        bits = isActive ? source : source | Self.inactiveBit
        self.target = target
    }

    @inline(__always)
    var source: Int32 { bits & ~Self.inactiveBit }
    @inline(__always)
    var isActive: Bool { bits & Self.inactiveBit == 0 }
    @inline(__always)
    var isFree: Bool { target < 0 }

    /// The other end than `node`; `node` itself for a self-loop.
    @inline(__always)
    func other(than node: Int32) -> Int32 { source ^ target ^ node }
}

/// The edge rows as a structure of columns, one position a row.
struct EdgeRows: Sendable {
    private(set) var keys = KeyBlocks()
    private(set) var ends = PagedColumn<EdgeEnds>(fillByte: 0xFF)
    private var types = PackedColumn(width: 1)
    private var weights = ValueColumn()
    private var confidences = ValueColumn()
    private var times = ValueColumn()

    var count: Int { keys.count }
    var bound: Int { keys.positionBound }

    /// The bytes of each part.
    var byteCounts: [(part: String, byteCount: Int)] {
        [
            ("edge keys", keys.byteCount), ("ends", ends.byteCount), ("types", types.byteCount),
            ("weights", weights.byteCount), ("confidences", confidences.byteCount),
            ("times", times.byteCount),
        ]
    }

    @inline(__always)
    func attributes(at position: EdgeIndex) -> EdgeAttributes {
        let row = Int(position)
        return EdgeAttributes(
            typeCode: Int32(truncatingIfNeeded: types[row]), weight: weights[row],
            confidence: confidences[row], time: times[row], isActive: ends[row].isActive)
    }

    /// Stores a row whose key is new.
    mutating func insert(_ edge: Edge) -> EdgeIndex {
        let position = keys.insert(edge.key.rawValue)
        if bound > ends.count {
            ends.grow(to: bound)
            types.grow(to: bound)
            weights.grow(to: bound)
            confidences.grow(to: bound)
            times.grow(to: bound)
        }
        replace(position, with: edge)
        return position
    }

    /// Overwrites a row; its key stays.
    mutating func replace(_ position: EdgeIndex, with edge: Edge) {
        let row = Int(position)
        ends[row] = EdgeEnds(
            source: edge.source, target: edge.target, isActive: edge.attributes.isActive)
        let type = UInt64(UInt32(bitPattern: edge.attributes.typeCode))
        if type > types.largest { types.widen(to: type >> 16 == 0 ? 2 : 4) }
        types[row] = type
        weights[row] = edge.attributes.weight
        confidences[row] = edge.attributes.confidence
        times[row] = edge.attributes.time
    }

    mutating func remove(_ position: EdgeIndex) {
        keys.remove(position)
        ends[Int(position)] = .free
    }

    /// Takes the narrowest codes that the values allow now.
    mutating func compact() {
        weights.compact()
        confidences.compact()
        times.compact()
    }
}
