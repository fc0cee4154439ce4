// Local clustering: D. J. Watts, S. H. Strogatz, "Collective dynamics of 'small-world' networks",
// Nature 393 (1998), doi:10.1038/30918. The triangles are listed as by M. Latapy, "Main-memory
// triangle computations for very large (sparse (power-law)) graphs", Theoretical Computer Science 407
// (2008), doi:10.1016/j.tcs.2008.07.017.
//
// c(v) = 2 T(v) / (d (d - 1)), and 0 below degree 2. Positions are by degree, so the neighbors of
// larger degree are the beginning of every row, and no node has more than sqrt(2 m) of them. Each
// triangle first < second < third is met once, from its second corner: the beginning of the second's
// row is marked in a byte for each node, and the rows of the neighbors after it are looked up until
// they come to the second. Different from the paper: met from there, the pairs looked up are those in
// the beginnings of rows, a sixth of those met from the third corner in the power-law graphs measured.

package import GraphEngine
import ParallelLoops

/// The number of triangles of the simple undirected graph through each node.
/// - Complexity: O(edges^1.5); in memory 5 bytes a node and thread.
package func triangleCounts(_ graph: GraphSnapshot, threadCount: Int = 1) -> [Int] {
    let counts = sharedTriangleCounts(graph, threadCount: threadCount)
    return (0..<graph.nodeCount).map { Int(counts[$0]) }
}

/// The share of the pairs of neighbors of each node that are adjacent themselves.
/// - Complexity: O(edges^1.5); in memory 5 bytes a node and thread.
package func localClustering(_ graph: GraphSnapshot, threadCount: Int = 1) -> [Double] {
    let counts = sharedTriangleCounts(graph, threadCount: threadCount)
    return makeArray(count: graph.nodeCount) { values in
        for node in 0..<graph.nodeCount {
            values[node] = clusteringCoefficient(
                triangleCount: Int(counts[node]), degree: graph.degree(at: node))
        }
    }
}

/// The clustering coefficient of one node from its counts; 0 below degree 2.
package func clusteringCoefficient(triangleCount: Int, degree: Int) -> Double {
    guard degree > 1 else { return 0 }
    return 2 * Double(triangleCount) / (Double(degree) * Double(degree - 1))
}

/// The triangles of each node; whole numbers, so the order in which threads add does not matter.
private func sharedTriangleCounts(_ graph: GraphSnapshot, threadCount: Int) -> Scratch<UInt32> {
    let nodeCount = graph.nodeCount
    let threads = graph.targets.count < 1 << 15 ? 1 : max(1, threadCount)
    let counts = Scratch<UInt32>(repeating: 0, count: nodeCount * threads)
    let marks = Scratch<UInt8>(repeating: 0, count: nodeCount * threads)
    let pending = Scratch<TriangleCounter.Pending>(
        uninitializedCount: TriangleCounter.blockSize * threads)
    let (sharedCounts, sharedMarks, sharedPending) = (counts.shared, marks.shared, pending.shared)
    graph.offsets.withShared { offsets in
        graph.targets.withShared { targets in
            parallelForChunks(count: nodeCount, chunkSize: 64, threadCount: threads) {
                seconds, thread in
                let counter = TriangleCounter(
                    offsets: offsets, targets: targets,
                    counts: sharedCounts.dropFirst(thread * nodeCount),
                    marks: sharedMarks.dropFirst(thread * nodeCount),
                    pending: sharedPending.dropFirst(thread * TriangleCounter.blockSize))
                for second in seconds { counter.count(second) }
            }
        }
    }
    for thread in 1..<max(2, threads) where threads > 1 {
        for node in 0..<nodeCount { counts[node] &+= counts[thread * nodeCount + node] }
    }
    return counts
}

/// One thread's view: its own counts and marks.
private struct TriangleCounter {
    let offsets: SharedElements<UInt32>
    let targets: SharedElements<Int32>
    let counts: SharedElements<UInt32>
    /// 1 for the neighbors of the second corner before it.
    let marks: SharedElements<UInt8>

    /// The third corners of a block.
    let pending: SharedElements<Pending>
    static let blockSize = 64

    /// A third corner, and where its row begins.
    struct Pending: BitwiseCopyable {
        var third: Int32
        var start: UInt32
    }

    /// Adds the triangles of which a node is the second corner.
    @inline(__always)
    func count(_ second: Int) {
        let (start, end) = (Int(offsets[second]), Int(offsets[second + 1]))
        var split = start
        while split < end, Int(targets[split]) < second {
            marks[Int(targets[split])] = 1
            split += 1
        }
        guard split > start, split < end else {
            for entry in start..<split { marks[Int(targets[entry])] = 0 }
            return
        }
        var ofSecond: UInt32 = 0
        var block = split
        while block < end {
            let blockEnd = min(block + Self.blockSize, end)
            // Where the rows begin is read for a block at once, without a branch: so the waits for
            // memory overlap. A row that begins with the second itself has nothing to look up.
            var pendingCount = 0
            for entry in block..<blockEnd {
                let third = targets[entry]
                let start = offsets[Int(third)]
                pending[pendingCount] = Pending(third: third, start: start)
                pendingCount += Int(targets[Int(start)]) < second ? 1 : 0
            }
            for index in 0..<pendingCount {
                ofSecond &+= count(pending[index], second)
            }
            block = blockEnd
        }
        counts[second] &+= ofSecond
        for entry in start..<split { marks[Int(targets[entry])] = 0 }
    }

    /// The triangles with a second and a third corner.
    @inline(__always)
    private func count(_ pending: Pending, _ second: Int) -> UInt32 {
        var place = Int(pending.start)
        var first = Int(targets[place])
        var triangleCount: UInt32 = 0
        // The second is in the row of the third, so the row need not be asked for its end.
        repeat {
            let isTriangle = UInt32(marks[first])
            counts[first] &+= isTriangle
            triangleCount &+= isTriangle
            place += 1
            first = Int(targets[place])
        } while first < second
        counts[Int(pending.third)] &+= triangleCount
        return triangleCount
    }
}
