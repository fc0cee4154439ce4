import GraphEngine

/// The values of one metric, in the order of the nodes' names.
enum MetricColumn: Sendable {
    case counts([Int32])
    case largeCounts([Int])
    case reals([Double])
    case flags([Bool])
    /// A node for each node: the first of its component or community.
    case nodes([Int32])
}

extension MetricColumn {
    /// Groups by the positions of a snapshot, each named by the first of its nodes.
    static func groups(_ labels: [Int32], of graph: GraphSnapshot) -> (column: Self, count: Int) {
        var first = [Int32](repeating: -1, count: Int(labels.max() ?? -1) + 1)
        var count = 0
        let column = graph.positionsByKey.enumerated().map { place, position in
            let label = Int(labels[Int(position)])
            if first[label] < 0 {
                first[label] = Int32(place)
                count += 1
            }
            return first[label]
        }
        return (.nodes(column), count)
    }
}
