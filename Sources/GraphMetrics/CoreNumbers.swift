// Core numbers by peeling: the notion: S. B. Seidman, "Network structure and minimum degree", Social
// Networks 5 (1983), doi:10.1016/0378-8733(83)90028-X; level by level without buckets: H. Kabir,
// K. Madduri, "Parallel k-core decomposition on multicore platforms" (PKC), IPDPSW 2017,
// doi:10.1109/IPDPSW.2017.151.
//
// The core number of a node is the largest k for which it belongs to a subgraph where every node has
// at least k neighbors. For k = 0, 1, ... the nodes with k neighbors left are removed, and with them
// those that this takes down to k. Different from the paper: positions are by degree, so the nodes
// of degree at most k, all removed by then, are the end of every row and are not read; and the nodes
// left are scanned in place. Between level k and the next only nodes of core number above k are left,
// which have more than k neighbors: so all scans together are O(edges). One thread does it: several
// would have to lock each decrement.

package import GraphEngine
import ParallelLoops

/// The core number of each node in the simple undirected graph.
///
/// One thread does it, whatever `threadCount` says (see the top of the file).
/// - Complexity: O(nodes + edges).
package func coreNumbers(_ graph: GraphSnapshot, threadCount: Int = 1) -> [Int32] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return [] }
    return makeArray(count: nodeCount) { remaining in
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                for node in 0..<nodeCount {
                    remaining[node] = Int32(truncatingIfNeeded: row(offsets, node).count)
                }
                peel(remaining, nodeCount, offsets, targets)
            }
        }
    }
}

/// Turns degrees into core numbers.
private func peel(
    _ remaining: SharedElements<Int32>, _ nodeCount: Int,
    _ offsets: UnsafeBufferPointer<UInt32>, _ targets: UnsafeBufferPointer<Int32>
) {
    let queued = Scratch<Int32>(uninitializedCount: nodeCount)
    let queue = queued.shared
    let listed = Scratch<Int32>(uninitializedCount: nodeCount)
    let left = listed.shared
    // Nodes from `tail` on have degree at most k. The others are in `left` once some were scanned.
    var tail = nodeCount
    var leftCount = nodeCount
    var isListed = false
    var core: Int32 = 0
    while leftCount > 0 {
        while tail > 0, row(offsets, tail - 1).count <= Int(core) { tail -= 1 }
        var queueCount = 0
        var kept = 0
        var next = Int32.max
        for index in 0..<leftCount {
            let node = isListed ? left[index] : Int32(truncatingIfNeeded: index)
            let degree = remaining[Int(node)]
            if degree > core {
                left[kept] = node
                kept += 1
                next = min(next, degree)
            } else if degree == core {
                queue[queueCount] = node
                queueCount += 1
            }
        }
        isListed = true
        leftCount = kept
        if queueCount == 0 {
            // Nobody has k neighbors: on to the smallest number that somebody has.
            core = max(core + 1, next == Int32.max ? core + 1 : next)
            continue
        }
        var head = 0
        let bound = Int32(truncatingIfNeeded: tail)
        while head < queueCount {
            let node = Int(queue[head])
            head += 1
            for entry in row(offsets, node) {
                let neighbor = targets[entry]
                if neighbor >= bound { break }
                let degree = remaining[Int(neighbor)]
                guard degree > core else { continue }
                remaining[Int(neighbor)] = degree &- 1
                queue[queueCount] = neighbor
                queueCount += degree &- 1 == core ? 1 : 0
            }
        }
        core += 1
    }
}
