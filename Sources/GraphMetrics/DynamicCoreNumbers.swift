// Core numbers kept under changes: Y. Zhang, J. X. Yu, Y. Zhang, L. Qin, "A fast order-based approach
// for core maintenance", ICDE (2017), doi:10.1109/ICDE.2017.93; in the form of B. Guo, E. Sekerinski,
// "Simplified algorithms for order-based core maintenance", The Journal of Supercomputing 80 (2024),
// doi:10.1007/s11227-024-06190-x (arXiv:2201.07103).
//
// The nodes stand in an order in which peeling may remove them: by core number, and within a core
// number so that every node has at most that many neighbors behind it. A new edge gives its front end
// one neighbor more behind it; only where that is one too many, the nodes behind are looked at in their
// order, and those that cannot rise are put behind the node that stopped them. A removed edge takes a
// support (a neighbor of no smaller core number) from its ends; a node with too few falls by one to the
// end of the order below and takes a support from its neighbors in turn.
//
// Different from the paper: the order is kept by labels in one linked list a core number, with local
// relabelling (see DynamicCoreNumbers+Order.swift); the heap compares the labels of now, so relabelling
// leaves it valid; a removed node takes all its edges away first and then one cascade follows.
//
// Complexity: an edge costs the neighborhoods of the nodes whose number changes and, on insertion, of
// those that were candidates for it, times the logarithm of their count; mostly none of either.

package import GraphEngine

/// The core number of every node of an `AdjacencyGraph`, exact after each mutation that it is told of.
///
/// State lies by `NodeIndex`, 32 bytes a node. A position that holds no node counts as an isolated one.
package struct DynamicCoreNumbers: Sendable {
    /// What is kept of a node: half a cache line.
    struct Node {
        /// The place in its list; grows along the list.
        var label: Int64 = 0
        var next: Int32 = -1
        var previous: Int32 = -1
        /// Neighbors behind the node in the order, at most `core` between mutations.
        var behind: Int32 = 0
        /// Neighbors whose core number is not smaller, at least `core` between mutations.
        var support: Int32 = 0
        /// Candidates before the node while an insertion is worked on, otherwise 0.
        var candidatesBefore: Int32 = 0
        /// Below 2^16, since 2^30 edges make no larger core.
        var core: UInt16 = 0
        var flags: UInt16 = 0
    }

    enum Flag {
        static let waits: UInt16 = 1
        static let isCandidate: UInt16 = 2
        static let isRejected: UInt16 = 4
    }

    var nodes: [Node] = []
    /// The first and the last node of each core number's list, -1 where it is empty.
    var heads: [Int32] = [-1]
    var tails: [Int32] = [-1]
    // Working memory, empty between mutations.
    var heap: [NodeIndex] = []
    var candidates: [NodeIndex] = []
    var pending: [NodeIndex] = []

    /// Nodes that insertions and removals have worked on, for measurements.
    package internal(set) var visitedCount = 0

    /// Starts from an empty graph.
    package init() {}

    /// Starts from the core numbers of a snapshot that was just taken of a graph.
    /// - Parameters:
    ///   - snapshot: The frozen graph.
    ///   - coreNumbers: Its core numbers by position.
    ///   - indices: The `NodeIndex` at each position.
    ///   - nodeIndexBound: Every `NodeIndex` of the graph is below.
    /// - Complexity: O(nodes + edges).
    package init(
        snapshot: GraphSnapshot, coreNumbers: [Int32], nodes indices: [NodeIndex],
        nodeIndexBound: Int
    ) {
        nodes = [Node](repeating: Node(), count: nodeIndexBound)
        let levelCount = Int(coreNumbers.max() ?? 0) + 1
        heads = [Int32](repeating: -1, count: levelCount)
        tails = heads
        var isIndexed = [Bool](repeating: false, count: nodeIndexBound)
        for index in indices { isIndexed[Int(index)] = true }
        for index in 0..<nodeIndexBound where !isIndexed[index] { append(NodeIndex(index), to: 0) }

        // What remains of a node are its neighbors of no smaller core number that are not yet taken; it
        // may be taken once they are no more than its core number.
        var remaining = [Int32](repeating: 0, count: snapshot.nodeCount)
        var queue: [Int32] = []
        queue.reserveCapacity(snapshot.nodeCount)
        var isQueued = [Bool](repeating: false, count: snapshot.nodeCount)
        for position in 0..<snapshot.nodeCount {
            let core = coreNumbers[position]
            var count: Int32 = 0
            for entry in row(snapshot.offsets, position)
            where coreNumbers[Int(snapshot.targets[entry])] >= core { count += 1 }
            remaining[position] = count
            nodes[Int(indices[position])].support = count
            if count <= core {
                queue.append(Int32(position))
                isQueued[position] = true
            }
        }
        var taken = 0
        while taken < queue.count {
            let position = Int(queue[taken])
            taken += 1
            let core = coreNumbers[position]
            let index = indices[position]
            nodes[Int(index)].behind = remaining[position]
            append(index, to: Int(core))
            for entry in row(snapshot.offsets, position) {
                let neighbor = Int(snapshot.targets[entry])
                guard coreNumbers[neighbor] == core else { continue }
                remaining[neighbor] -= 1
                if remaining[neighbor] <= core, !isQueued[neighbor] {
                    queue.append(Int32(neighbor))
                    isQueued[neighbor] = true
                }
            }
            // A taken neighbor is decremented too, which nothing reads any more.
        }
    }

    /// The core number of a node.
    package func coreNumber(of node: NodeIndex) -> Int {
        Int(node) < nodes.count ? Int(nodes[Int(node)].core) : 0
    }

    /// The bytes held.
    package var byteCount: Int {
        nodes.capacity * MemoryLayout<Node>.stride + (heads.capacity + tails.capacity) * 4
            + (heap.capacity + candidates.capacity + pending.capacity) * 4
    }

    /// Makes room for the positions below a bound; new ones are isolated.
    package mutating func extend(to nodeIndexBound: Int) {
        while nodes.count < nodeIndexBound {
            let index = NodeIndex(nodes.count)
            nodes.append(Node())
            append(index, to: 0)
        }
    }

    /// Takes in what one mutation did to the simple undirected graph: removals, or one appearance.
    /// - Parameters:
    ///   - changes: The pairs that ceased to be adjacent, or the one that became adjacent.
    ///   - graph: The graph after the mutation.
    package mutating func apply(_ changes: [SimpleEdgeChange], _ graph: AdjacencyGraph) {
        extend(to: graph.nodeIndexBound)
        var removedCount = 0
        for change in changes {
            if change.appeared {
                precondition(removedCount == 0, "a mutation removes or adds")
                insert(change.first, change.second, graph)
            } else {
                detach(change.first, change.second)
                removedCount += 1
            }
        }
        if removedCount > 0 { settle(graph) }
    }

    /// Whether the first of two nodes stands before the other.
    @inline(__always)
    func precedes(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        let (one, other) = (nodes[Int(first)], nodes[Int(second)])
        return one.core < other.core || (one.core == other.core && one.label < other.label)
    }
}
