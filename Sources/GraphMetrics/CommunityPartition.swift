package import GraphEngine

/// A division of a graph's nodes into communities.
package struct CommunityPartition: Sendable, Equatable {
    /// The community of each node by position, named by the position of its smallest key.
    package let labels: [Int32]
    /// The number of communities; a node without neighbors is one by itself.
    package let communityCount: Int
    /// The modularity reached, at the resolution that was asked for.
    package let modularity: Double
    /// The levels of the last pass, the graph itself included.
    package let levelCount: Int

    /// Names the communities of any labels in 0..<nodeCount.
    init(
        _ graph: GraphSnapshot, labels: [Int32], resolution: Double, levelCount: Int,
        threadCount: Int
    ) {
        (self.labels, communityCount) = labelsBySmallestKey(
            labels, positionsByKey: graph.positionsByKey)
        modularity = GraphMetrics.modularity(
            graph, labels: self.labels, resolution: resolution, threadCount: threadCount)
        self.levelCount = levelCount
    }
}

/// The labels of earlier communities for the nodes of a newer snapshot.
///
/// - Parameters:
///   - labels: The communities in ascending order of the keys, each label in 0..<count.
///   - keys: The keys of the nodes that they were found for, ascending.
///   - graph: The snapshot that they are wanted for.
/// - Returns: Labels by position in `graph`, each the position of a member; -1 for new nodes.
/// - Complexity: O(nodes of both).
package func carriedLabels(
    _ labels: [Int32], keys: [NodeKey], to graph: GraphSnapshot
) -> [Int32] {
    var carried = [Int32](repeating: -1, count: graph.nodeCount)
    var names = [Int32](repeating: -1, count: keys.count)
    var index = 0
    for position in graph.positionsByKey {
        let key = graph.nodeKeys[Int(position)]
        while index < keys.count, keys[index] < key { index += 1 }
        guard index < keys.count else { break }
        guard keys[index] == key else { continue }
        let label = Int(labels[index])
        if names[label] < 0 { names[label] = position }
        carried[Int(position)] = names[label]
    }
    return carried
}

private func labelsBySmallestKey(
    _ labels: [Int32], positionsByKey: [Int32]
) -> (labels: [Int32], count: Int) {
    var names = [Int32](repeating: -1, count: labels.count)
    var named = labels
    var count = 0
    for position in positionsByKey {
        let label = Int(labels[Int(position)])
        if names[label] < 0 {
            names[label] = position
            count += 1
        }
        named[Int(position)] = names[label]
    }
    return (named, count)
}
