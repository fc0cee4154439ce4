/// The edge rows as a structure of arrays, one position a row, with a chain of free positions.
struct EdgeColumns: Sendable {
    enum State { static let free: UInt8 = 0, inactive: UInt8 = 1, active: UInt8 = 2 }

    private(set) var keys: [Int64] = []
    private(set) var sources: [NodeIndex] = []
    private(set) var targets: [NodeIndex] = []
    private(set) var states: [UInt8] = []
    private var typeCodes: [Int32] = []
    private var weights: [Double] = []
    private var confidences: [Double] = []
    private var times: [Double] = []
    private var table = KeyTable()
    private var freePositions: [EdgeIndex] = []

    /// Bytes of one row in the columns alone.
    static let rowByteCount = 8 + 4 + 4 + 1 + 4 + 8 + 8 + 8

    var count: Int { table.count }
    var bound: Int { keys.count }
    var byteCount: Int {
        keys.count * Self.rowByteCount + table.byteCount
            + freePositions.count * MemoryLayout<EdgeIndex>.stride
    }

    mutating func reserve(_ count: Int) {
        keys.reserveCapacity(count)
        sources.reserveCapacity(count)
        targets.reserveCapacity(count)
        states.reserveCapacity(count)
        typeCodes.reserveCapacity(count)
        weights.reserveCapacity(count)
        confidences.reserveCapacity(count)
        times.reserveCapacity(count)
        table.reserve(count, keys: keys)
    }

    func position(of key: EdgeKey) -> EdgeIndex? {
        table.position(of: key.rawValue, keys: keys)
    }

    func isActive(_ position: EdgeIndex) -> Bool { states[Int(position)] == State.active }

    func edge(at position: EdgeIndex) -> Edge {
        let row = Int(position)
        precondition(states[row] != State.free, "the edge position holds a row")
        return Edge(
            key: EdgeKey(keys[row]), source: sources[row], target: targets[row],
            attributes: EdgeAttributes(
                typeCode: typeCodes[row], weight: weights[row], confidence: confidences[row],
                time: times[row], isActive: states[row] == State.active))
    }

    /// Stores a row whose key is new, in a free position where there is one.
    mutating func insert(_ edge: Edge) -> EdgeIndex {
        let position: EdgeIndex
        if let free = freePositions.popLast() {
            position = free
            keys[Int(position)] = edge.key.rawValue
        } else {
            position = EdgeIndex(keys.count)
            keys.append(edge.key.rawValue)
            sources.append(edge.source)
            targets.append(edge.target)
            states.append(State.free)
            typeCodes.append(0)
            weights.append(.nan)
            confidences.append(.nan)
            times.append(.nan)
        }
        table.insert(position, keys: keys)
        replace(position, with: edge)
        return position
    }

    /// Overwrites a row; its key stays.
    mutating func replace(_ position: EdgeIndex, with edge: Edge) {
        let row = Int(position)
        sources[row] = edge.source
        targets[row] = edge.target
        states[row] = edge.attributes.isActive ? State.active : State.inactive
        typeCodes[row] = edge.attributes.typeCode
        weights[row] = edge.attributes.weight
        confidences[row] = edge.attributes.confidence
        times[row] = edge.attributes.time
    }

    mutating func remove(_ position: EdgeIndex) {
        table.remove(position, keys: keys)
        states[Int(position)] = State.free
        freePositions.append(position)
    }
}
