// Connected components: M. Sutton, T. Ben-Nun, A. Barak, "Optimizing parallel graph connectivity
// computation via subgraph sampling" (Afforest), IPDPS 2018, doi:10.1109/IPDPS.2018.00012.
//
// Direction is ignored. Every node is joined with its first neighbor, and where that is not enough
// with its second; that mostly makes the largest component whole, so its nodes are skipped when the
// rows are joined. Different from the paper: rows begin with the neighbor of largest degree, which
// joins a power-law graph in one round without a lock; and a component is named by its smallest key,
// found in one more pass. Which thread joins what is left to chance, but a component's root
// is its smallest position in the end, whatever the order.

package import GraphEngine
import ParallelLoops
import Synchronization

/// The component of each node, named by the position of its smallest key.
/// - Complexity: O(nodes + edges) up to the inverse of Ackermann's function.
package func connectedComponents(_ graph: GraphSnapshot, threadCount: Int = 1) -> [Int32] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return [] }
    let threads = graph.targets.count < 1 << 17 ? 1 : max(1, threadCount)
    return makeArray(count: nodeCount) { parents in
        let forest = JoinedForest(parents: parents, isShared: threads > 1)
        forest.join(graph, threadCount: threads)
        nameBySmallestKey(parents, graph.nodeKeys, threadCount: threads)
    }
}

/// Trees of nodes: each node points to one of smaller or equal position of the same component.
private struct JoinedForest: Sendable {
    /// How many nodes are asked for their root.
    private static let sampleCount = 1024
    /// The share of the sample from which the largest component is taken to be nearly whole.
    private static let shareEnough = 0.75

    let parents: SharedElements<Int32>
    /// Whether several threads join at the same time.
    let isShared: Bool

    func join(_ graph: GraphSnapshot, threadCount: Int) {
        let nodeCount = graph.nodeCount
        let shares = graph.offsets.withUnsafeBufferPointer {
            rowShares($0, threadCount: threadCount)
        }
        graph.offsets.withShared { offsets in
            graph.targets.withShared { targets in
                // Below its first neighbor a node is written by one thread alone: nothing to lock.
                _ = parallelFor(threadCount: threadCount) { thread in
                    for node in share(of: nodeCount, thread: thread, threadCount: threadCount) {
                        let start = Int(offsets[node])
                        let isAlone = start == Int(offsets[node + 1])
                        let itself = Int32(truncatingIfNeeded: node)
                        parents[node] = isAlone ? itself : min(targets[start], itself)
                    }
                }
                flatten(nodeCount, threadCount: threadCount)
                var largest = sampledLargest(nodeCount)
                if largest.share < Self.shareEnough {
                    joinRows(offsets, targets, shares, entryCountMax: 2, skipping: -1)
                    flatten(nodeCount, threadCount: threadCount)
                    largest = sampledLargest(nodeCount)
                }
                joinRows(
                    offsets, targets, shares, entryCountMax: .max, skipping: largest.root)
                flatten(nodeCount, threadCount: threadCount)
            }
        }
    }

    /// Joins nodes with their first neighbors, but for the nodes that have the root `skipped`.
    private func joinRows(
        _ offsets: SharedElements<UInt32>, _ targets: SharedElements<Int32>,
        _ shares: [Range<Int>], entryCountMax: Int, skipping skipped: Int32
    ) {
        _ = parallelFor(threadCount: shares.count) { thread in
            for node in shares[thread] {
                let node = Int32(truncatingIfNeeded: node)
                guard load(node) != skipped else { continue }
                let (start, end) = (Int(offsets[Int(node)]), Int(offsets[Int(node) + 1]))
                for entry in start..<start + min(entryCountMax, end - start) {
                    join(node, targets[entry])
                }
            }
        }
    }

    /// Joins the trees of two nodes: the larger root comes under the smaller one.
    ///
    /// A root is only ever given a parent by an exchange that still finds it a root, so no join is
    /// lost; a reader that sees an old parent climbs a longer way.
    @inline(__always)
    private func join(_ first: Int32, _ second: Int32) {
        var first = load(first)
        var second = load(second)
        while first != second {
            let (low, high) = (min(first, second), max(first, second))
            let parent = load(high)
            if parent == low { return }
            if parent == high, hangUp(high, under: low) { return }
            first = load(load(high))
            second = load(low)
        }
    }

    /// Makes every node point to its root.
    private func flatten(_ nodeCount: Int, threadCount: Int) {
        _ = parallelFor(threadCount: threadCount) { thread in
            for node in share(of: nodeCount, thread: thread, threadCount: threadCount) {
                var parent = load(Int32(truncatingIfNeeded: node))
                var next = load(parent)
                guard next != parent else { continue }
                while next != parent {
                    parent = next
                    next = load(parent)
                }
                store(Int32(truncatingIfNeeded: node), parent)
            }
        }
    }

    /// The root that most of some evenly spread nodes have.
    private func sampledLargest(_ nodeCount: Int) -> (root: Int32, share: Double) {
        let count = min(nodeCount, Self.sampleCount)
        let roots = (0..<count).map { load(Int32($0 * nodeCount / count)) }.sorted()
        var (largest, largestCount, runStart) = (roots[0], 0, 0)
        for index in 1...count where index == count || roots[index] != roots[runStart] {
            if index - runStart > largestCount {
                (largest, largestCount) = (roots[runStart], index - runStart)
            }
            runStart = index
        }
        return (largest, Double(largestCount) / Double(count))
    }

    /// A parent, which other threads may change at the same time.
    @inline(__always)
    private func load(_ node: Int32) -> Int32 {
        parents.atomic(Int(node)).pointee.load(ordering: .relaxed)
    }

    @inline(__always)
    private func store(_ node: Int32, _ parent: Int32) {
        parents.atomic(Int(node)).pointee.store(parent, ordering: .relaxed)
    }

    @inline(__always)
    private func hangUp(_ root: Int32, under parent: Int32) -> Bool {
        guard isShared else {
            store(root, parent)
            return true
        }
        return parents.atomic(Int(root)).pointee.compareExchange(
            expected: root, desired: parent, ordering: .relaxed
        ).exchanged
    }
}

extension SharedElements<Int32> {
    /// The element as an atomic one, which has the same layout.
    @inline(__always)
    fileprivate func atomic(_ index: Int) -> UnsafeMutablePointer<Atomic<Int32>> {
        UnsafeMutableRawPointer(pointer(to: index)).assumingMemoryBound(to: Atomic<Int32>.self)
    }
}

/// Replaces each root by the position of the smallest key below it.
private func nameBySmallestKey(
    _ roots: SharedElements<Int32>, _ keys: [NodeKey], threadCount: Int
) {
    let nodeCount = keys.count
    let names = Scratch<Int32>(uninitializedCount: nodeCount)
    let shared = names.shared
    keys.withUnsafeBufferPointer { keys in
        // A root precedes its nodes, so its name is set before it is compared. The last name stays
        // at hand: nearly all nodes have the same root.
        var (lastRoot, name): (Int32, Int32) = (-1, 0)
        for node in 0..<nodeCount {
            let root = roots[node]
            if root == Int32(truncatingIfNeeded: node) {
                shared[node] = root
                continue
            }
            if root != lastRoot {
                if lastRoot >= 0 { shared[Int(lastRoot)] = name }
                (lastRoot, name) = (root, shared[Int(root)])
            }
            if keys[node] < keys[Int(name)] { name = Int32(truncatingIfNeeded: node) }
        }
        if lastRoot >= 0 { shared[Int(lastRoot)] = name }
    }
    _ = parallelFor(threadCount: threadCount) { thread in
        for node in share(of: nodeCount, thread: thread, threadCount: threadCount) {
            roots[node] = shared[Int(roots[node])]
        }
    }
}
