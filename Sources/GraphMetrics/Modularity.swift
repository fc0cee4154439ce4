// Modularity: M. E. J. Newman, M. Girvan, "Finding and evaluating community structure in networks",
// Physical Review E 69 (2004), doi:10.1103/PhysRevE.69.026113; the resolution: J. Reichardt,
// S. Bornholdt, "Statistical mechanics of community detection", Physical Review E 74 (2006),
// doi:10.1103/PhysRevE.74.016110.
//
// Q = sum over the communities c of L(c) / m - gamma (K(c) / 2m)², with m edges, L(c) of them between
// members of c, and K(c) the sum of the members' degrees; that is NetworkX's `modularity` of a Graph
// without self-loops. L and K are added up as integers, so threads do not change a bit.

package import GraphEngine
import ParallelLoops

/// The modularity of a partition of the simple undirected graph; 0 where there are no edges.
///
/// - Parameters:
///   - graph: The graph.
///   - labels: The community of each node by position, each in 0..<nodeCount.
///   - resolution: Gamma: more than 1 favors smaller communities, less than 1 larger ones.
///   - threadCount: The threads to use; the value does not depend on it.
/// - Returns: The modularity, at most 1.
/// - Complexity: O(nodes + edges).
package func modularity(
    _ graph: GraphSnapshot, labels: [Int32], resolution: Double = 1, threadCount: Int = 1
) -> Double {
    let nodeCount = graph.nodeCount
    precondition(labels.count == nodeCount, "each node has one label")
    guard graph.edgeCount > 0 else { return 0 }
    let threads = max(1, min(threadCount, nodeCount))
    let parts = parallelFor(threadCount: threads) { thread -> Int in
        let entries = graph.targets.count
        // Each thread takes the rows that begin in its part of the entries.
        let first = firstRow(graph.offsets, notBefore: entries * thread / threads)
        let end = firstRow(graph.offsets, notBefore: entries * (thread + 1) / threads)
        return entriesInside(graph, labels, nodes: first..<max(first, end))
    }
    var totals = [UInt32](repeating: 0, count: nodeCount)
    for node in 0..<nodeCount { totals[Int(labels[node])] += UInt32(graph.degree(at: node)) }
    let ends = Double(graph.targets.count)
    var squares = 0.0
    for total in totals where total > 0 {
        let part = Double(total) / ends
        squares += part * part
    }
    return Double(parts.reduce(0, +)) / ends - resolution * squares
}

/// The first row whose entries begin at or after a place; the number of rows where it is the end.
private func firstRow(_ offsets: [UInt32], notBefore entry: Int) -> Int {
    var low = 0
    var high = offsets.count - 1
    while low < high {
        let middle = (low + high) >> 1
        if Int(offsets[middle]) < entry { low = middle + 1 } else { high = middle }
    }
    return low
}

private func entriesInside(_ graph: GraphSnapshot, _ labels: [Int32], nodes: Range<Int>) -> Int {
    graph.offsets.withUnsafeBufferPointer { offsets in
        graph.targets.withUnsafeBufferPointer { targets in
            labels.withUnsafeBufferPointer { labels in
                var count = 0
                for node in nodes {
                    let label = labels[node]
                    for entry in row(offsets, node) {
                        count &+= labels[Int(targets[entry])] == label ? 1 : 0
                    }
                }
                return count
            }
        }
    }
}
