// Where a graph falls apart: J. Hopcroft, R. Tarjan, "Algorithm 447: efficient algorithms for graph
// manipulation", Communications of the ACM 16 (1973), doi:10.1145/362248.362272; R. Tarjan, "A note on
// finding the bridges of a graph", Information Processing Letters 2 (1974),
// doi:10.1016/0020-0190(74)90003-9.
//
// low(v) is the earliest discovery among v, its descendants in a depth-first tree, and whatever one
// edge outside the tree reaches from them. Without the tree edge from p to its child c, c's descendants
// reach p or something before it unless low(c) >= discovery(c): else p c is a bridge. They get around
// p unless low(c) >= discovery(p): then p separates them from what was there before, and c's
// descendants close one biconnected component; the first node of a search separates only where it has
// two such children.
//
// One pass gives all three. Different from the papers: no recursion, so a path of any length is no
// danger, and low and the place in the row live on the stack, which is read in order: the discovery
// numbers are all that is read at random. The pass is sequential; a depth-first tree is.

package import GraphEngine
import ParallelLoops

/// Two adjacent nodes, by position.
package struct NodePair: Sendable, Hashable {
    /// The smaller position.
    package let first: Int32
    /// The larger position.
    package let second: Int32

    /// Orders two positions.
    package init(_ one: Int32, _ other: Int32) {
        first = min(one, other)
        second = max(one, other)
    }
}

/// Which nodes and edges hold the simple undirected graph together.
package struct Biconnectivity: Sendable {
    /// Whether a component falls apart without the node, by position.
    package let isArticulationPoint: [Bool]
    /// The edges without which a component falls apart, ascending.
    package let bridges: [NodePair]
    /// The number of largest sets of edges that no single node's removal takes apart.
    package let biconnectedComponentCount: Int

    /// Searches the graph once.
    /// - Complexity: O(nodes + edges), and the sorting of the bridges.
    package init(_ graph: GraphSnapshot) {
        var search = DepthFirstSearch(nodeCount: graph.nodeCount)
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                for node in 0..<graph.nodeCount where search.isNew(node) {
                    search.run(from: Int32(node), offsets, targets)
                }
            }
        }
        isArticulationPoint = search.separates.array()
        bridges = search.bridges.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
        biconnectedComponentCount = search.componentCount
    }
}

/// The search of one component after the other.
private struct DepthFirstSearch: ~Copyable {
    /// A node on the way from the first one to where the search stands.
    private struct Step {
        var node: Int32
        /// The earliest discovery seen so far from the node and what hangs below it.
        var low: UInt32
        /// The entry to look at next.
        var entry: UInt32
    }

    let separates: Scratch<Bool>
    private(set) var bridges: [NodePair] = []
    private(set) var componentCount = 0
    /// When each node was first met, from 1; 0: not yet.
    private let discoveries: Scratch<UInt32>
    private let steps: Scratch<Step>
    private var discovered: UInt32 = 0

    init(nodeCount: Int) {
        separates = Scratch(repeating: false, count: nodeCount)
        discoveries = Scratch(repeating: 0, count: nodeCount)
        steps = Scratch(repeating: Step(node: 0, low: 0, entry: 0), count: nodeCount)
    }

    func isNew(_ node: Int) -> Bool { discoveries[node] == 0 }

    mutating func run(
        from root: Int32, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) {
        discovered += 1
        discoveries[Int(root)] = discovered
        steps[0] = Step(node: root, low: discovered, entry: offsets[Int(root)])
        var depth = 0
        var rootChildCount = 0
        while true {
            let node = steps[depth].node
            let parent = depth > 0 ? steps[depth - 1].node : -1
            let end = offsets[Int(node) + 1]
            var entry = steps[depth].entry
            var low = steps[depth].low
            var child: Int32 = -1
            while entry < end {
                let neighbor = targets[Int(entry)]
                entry += 1
                let discovery = discoveries[Int(neighbor)]
                if discovery == 0 {
                    child = neighbor
                    break
                }
                // The edge to the parent is no way around itself.
                low = min(low, neighbor == parent ? low : discovery)
            }
            if child >= 0 {
                steps[depth].entry = entry
                steps[depth].low = low
                discovered += 1
                discoveries[Int(child)] = discovered
                depth += 1
                steps[depth] = Step(node: child, low: discovered, entry: offsets[Int(child)])
                continue
            }
            guard depth > 0 else { break }
            depth -= 1
            let parentDiscovery = discoveries[Int(parent)]
            if low >= parentDiscovery {
                componentCount += 1
                if depth > 0 { separates[Int(parent)] = true } else { rootChildCount += 1 }
                if low > parentDiscovery { bridges.append(NodePair(parent, node)) }
            }
            steps[depth].low = min(steps[depth].low, low)
        }
        if rootChildCount > 1 { separates[Int(root)] = true }
    }
}
