// Core numbers: V. Batagelj, M. Zaversnik, "An O(m) algorithm for cores decomposition of networks"
// (2003), arXiv:cs/0310049; the notion: S. B. Seidman, "Network structure and minimum degree", Social
// Networks 5 (1983), doi:10.1016/0378-8733(83)90028-X.
//
// The core number of a node is the largest k for which it belongs to a subgraph where every node has
// at least k neighbors. Nodes are kept in buckets by remaining degree and removed from the smallest
// on; a neighbor with a larger degree moves one bucket down by a swap. As in the paper.

package import GraphEngine
import ParallelLoops

/// The core number of each node in the simple undirected graph.
/// - Complexity: O(nodes + edges).
package func coreNumbers(_ graph: GraphSnapshot) -> [Int32] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return [] }
    var degreeMax = 0
    for node in 0..<nodeCount { degreeMax = max(degreeMax, graph.degree(at: node)) }
    let remaining = Scratch<Int32>(repeating: 0, count: nodeCount)
    let bucketStarts = Scratch(repeating: 0, count: degreeMax + 2)
    for node in 0..<nodeCount {
        let degree = graph.degree(at: node)
        remaining[node] = Int32(degree)
        bucketStarts[degree + 1] += 1
    }
    for degree in 0...degreeMax { bucketStarts[degree + 1] += bucketStarts[degree] }

    // `queue` holds the nodes by remaining degree, `places` where each of them stands in it.
    let queue = Scratch<Int32>(repeating: 0, count: nodeCount)
    let places = Scratch<Int32>(repeating: 0, count: nodeCount)
    let cursors = Scratch(repeating: 0, count: degreeMax + 1)
    for degree in 0...degreeMax { cursors[degree] = bucketStarts[degree] }
    for node in 0..<nodeCount {
        let degree = Int(remaining[node])
        queue[cursors[degree]] = Int32(node)
        places[node] = Int32(cursors[degree])
        cursors[degree] += 1
    }

    graph.offsets.withUnsafeBufferPointer { offsets in
        graph.targets.withUnsafeBufferPointer { targets in
            for place in 0..<nodeCount {
                let node = Int(queue[place])
                let core = remaining[node]
                for entry in row(offsets, node) {
                    let neighbor = Int(targets[entry])
                    let degree = remaining[neighbor]
                    guard degree > core else { continue }
                    // The neighbor changes places with its bucket's first, which then starts later.
                    let start = bucketStarts[Int(degree)]
                    let first = queue[start]
                    let neighborPlace = places[neighbor]
                    queue[start] = Int32(neighbor)
                    queue[Int(neighborPlace)] = first
                    places[neighbor] = Int32(start)
                    places[Int(first)] = neighborPlace
                    bucketStarts[Int(degree)] = start + 1
                    remaining[neighbor] = degree - 1
                }
            }
        }
    }
    return remaining.array()
}
