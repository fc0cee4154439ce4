// Local clustering: D. J. Watts, S. H. Strogatz, "Collective dynamics of 'small-world' networks",
// Nature 393 (1998), doi:10.1038/30918. The triangles are listed as by M. Latapy, "Main-memory
// triangle computations for very large (sparse (power-law)) graphs", Theoretical Computer Science 407
// (2008), doi:10.1016/j.tcs.2008.07.017.
//
// c(v) = 2 T(v) / (d (d - 1)), and 0 below degree 2. Every edge is pointed from its end of smaller
// (degree, position) to the other, so that no node has more than sqrt(2 m) successors, and each
// triangle is met once, from its first corner. Different from the paper: the successors of a node are
// marked in a byte for each node, which replaces the merge of two lists by a look-up.

package import GraphEngine
import ParallelLoops

/// The number of triangles of the simple undirected graph through each node.
/// - Complexity: O(edges^1.5).
package func triangleCounts(_ graph: GraphSnapshot) -> [Int] {
    let nodeCount = graph.nodeCount
    let oriented = OrientedEdges(graph)
    let counts = Scratch(repeating: 0, count: nodeCount)
    let isSuccessor = Scratch(repeating: false, count: nodeCount)
    oriented.offsets.withUnsafeBufferPointer { offsets in
        oriented.targets.withUnsafeBufferPointer { targets in
            for first in 0..<nodeCount {
                let successors = row(offsets, first)
                guard successors.count > 1 else { continue }
                for entry in successors { isSuccessor[Int(targets[entry])] = true }
                var ofFirst = 0
                for entry in successors {
                    let second = Int(targets[entry])
                    var ofSecond = 0
                    for next in row(offsets, second) {
                        let third = Int(targets[next])
                        guard isSuccessor[third] else { continue }
                        counts[third] += 1
                        ofSecond += 1
                    }
                    counts[second] += ofSecond
                    ofFirst += ofSecond
                }
                counts[first] += ofFirst
                for entry in successors { isSuccessor[Int(targets[entry])] = false }
            }
        }
    }
    return counts.array()
}

/// The share of the pairs of neighbors of each node that are adjacent themselves.
/// - Complexity: O(edges^1.5).
package func localClustering(_ graph: GraphSnapshot) -> [Double] {
    let triangles = triangleCounts(graph)
    return (0..<graph.nodeCount).map {
        clusteringCoefficient(triangleCount: triangles[$0], degree: graph.degree(at: $0))
    }
}

/// The clustering coefficient of one node from its counts; 0 below degree 2.
package func clusteringCoefficient(triangleCount: Int, degree: Int) -> Double {
    guard degree > 1 else { return 0 }
    return 2 * Double(triangleCount) / (Double(degree) * Double(degree - 1))
}

/// Each undirected edge once, from its end of smaller (degree, position).
private struct OrientedEdges {
    var offsets: [UInt32]
    var targets: [Int32]

    init(_ graph: GraphSnapshot) {
        offsets = [0]
        targets = []
        offsets.reserveCapacity(graph.nodeCount + 1)
        targets.reserveCapacity(graph.edgeCount)
        for node in 0..<graph.nodeCount {
            let degree = graph.degree(at: node)
            for entry in row(graph.offsets, node) {
                let other = Int(graph.targets[entry])
                if (degree, node) < (graph.degree(at: other), other) {
                    targets.append(Int32(other))
                }
            }
            offsets.append(UInt32(targets.count))
        }
    }
}
