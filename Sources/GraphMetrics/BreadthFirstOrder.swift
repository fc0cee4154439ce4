import GraphEngine

/// The nodes that can be reached from some starts, in the order of a breadth-first search.
struct BreadthFirstOrder: Sendable {
    /// The nodes, those of each start's component side by side.
    private(set) var nodes: [Int32] = []
    /// The distance from each start to the node farthest from it; no two nodes of its component are
    /// farther apart than twice that.
    private(set) var eccentricities: [Int] = []

    /// Searches from starts that lie in different components.
    /// - Complexity: O(nodes + edges).
    init(offsets: [UInt32], targets: [Int32], starts: some Sequence<Int>) {
        nodes.reserveCapacity(offsets.count)
        var isReached = [Bool](repeating: false, count: offsets.count)
        for start in starts {
            var levelStart = nodes.count
            nodes.append(Int32(start))
            isReached[start] = true
            var depth = -1
            while levelStart < nodes.count {
                let level = levelStart..<nodes.count
                for index in level {
                    for entry in row(offsets, Int(nodes[index])) {
                        let neighbor = targets[entry]
                        guard !isReached[Int(neighbor)] else { continue }
                        isReached[Int(neighbor)] = true
                        nodes.append(neighbor)
                    }
                }
                depth += 1
                levelStart = level.upperBound
            }
            eccentricities.append(depth)
        }
    }
}
