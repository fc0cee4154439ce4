import GraphEngine

/// The graph as two dictionaries, with everything computed from zero: what the engine is compared to.
struct PlainGraph {
    struct Row: Equatable {
        var source: Int64
        var target: Int64
        var attributes: EdgeAttributes
    }

    var nodes: Set<Int64> = []
    var rows: [Int64: Row] = [:]

    mutating func removeNode(_ key: Int64) {
        nodes.remove(key)
        rows = rows.filter { $0.value.source != key && $0.value.target != key }
    }

    var active: [Row] { rows.values.filter(\.attributes.isActive) }

    func neighbors() -> [Int64: Set<Int64>] {
        var neighbors = [Int64: Set<Int64>](uniqueKeysWithValues: nodes.map { ($0, []) })
        for row in active where row.source != row.target {
            neighbors[row.source]?.insert(row.target)
            neighbors[row.target]?.insert(row.source)
        }
        return neighbors
    }
}
