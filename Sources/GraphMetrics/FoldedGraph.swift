// Hanging trees taken out of a search for shortest paths: M. Baglioni, F. Geraci, M. Pellegrini,
// E. Lastres, "Fast exact computation of betweenness centrality in social networks", ASONAM (2012),
// doi:10.1109/ASONAM.2012.79; A. E. Sariyuce, E. Saule, K. Kaya, U. V. Catalyurek, "Shattering and
// compressing networks for betweenness centrality", SDM (2013), doi:10.1137/1.9781611972832.76.
//
// Nodes of degree 1 are taken off again and again. What is left, the core, has no ends; each of its
// nodes stands for itself and the tree that hung on it, and weighs as many nodes. Paths inside the
// trees, and from a tree to the rest, are unique, so what they add to the betweenness is counted here
// in closed form: a node that splits the other c - 1 nodes of its component into parts p lies between
// ((c - 1)^2 - sum of p^2) / 2 pairs. Only paths between different trees need a search, in the core.

import GraphEngine
import ParallelLoops

/// The core of a graph without its hanging trees, its components side by side.
struct FoldedGraph: Sendable {
    /// Where each core node's neighbors begin in `targets`.
    private(set) var offsets: [UInt32] = [0]
    /// The neighbors as places in the core, ascending for each node.
    private(set) var targets: [Int32] = []
    /// How many nodes each core node stands for.
    private(set) var weights: [Int32] = []
    /// The position in the graph of each core node.
    private(set) var positions: [Int32] = []
    /// Where each component of the core begins; one entry more than components.
    private(set) var componentStarts: [Int] = [0]
    /// The core component of each core node.
    private(set) var components: [Int32] = []
    /// How many pairs of nodes, by position, have the node on the tree part of their path.
    private(set) var treePairs: [Double]
    /// For each position the core node that stands for it; -1 where the component is a tree.
    private(set) var places: [Int32]

    var nodeCount: Int { positions.count }
    var componentCount: Int { componentStarts.count - 1 }

    /// Folds a graph whose components are known.
    /// - Complexity: O(nodes + edges).
    init(_ graph: GraphSnapshot, labels: [Int32]) {
        let nodeCount = graph.nodeCount
        var componentSizes = [Int](repeating: 0, count: nodeCount)
        for label in labels { componentSizes[Int(label)] += 1 }

        // Peeled nodes in the order in which they go, each with the neighbor that was left to it.
        var degrees = (0..<nodeCount).map { Int32(graph.degree(at: $0)) }
        var parents = [Int32](repeating: -1, count: nodeCount)
        var isPeeled = [Bool](repeating: false, count: nodeCount)
        var weights = [Int](repeating: 1, count: nodeCount)
        var squares = [Int](repeating: 0, count: nodeCount)
        var peeled = (0..<Int32(nodeCount)).filter { degrees[Int($0)] == 1 }
        var head = 0
        while head < peeled.count {
            let node = Int(peeled[head])
            head += 1
            // The last node of a tree has lost its only neighbor to the peeling: it is the root.
            guard degrees[node] == 1 else { continue }
            isPeeled[node] = true
            for entry in row(graph.offsets, node) where !isPeeled[Int(graph.targets[entry])] {
                let parent = Int(graph.targets[entry])
                parents[node] = Int32(parent)
                weights[parent] += weights[node]
                squares[parent] += weights[node] * weights[node]
                degrees[parent] -= 1
                if degrees[parent] == 1 { peeled.append(Int32(parent)) }
            }
        }

        treePairs = [Double](repeating: 0, count: nodeCount)
        for node in 0..<nodeCount {
            let size = componentSizes[Int(labels[node])]
            let weight = weights[node]
            let apart = size - weight
            // A core node has the pairs of its own branches and those of a branch and the rest.
            treePairs[node] =
                isPeeled[node]
                ? Double((size - 1) * (size - 1) - squares[node] - apart * apart) / 2
                : Double((weight - 1) * (weight - 1) - squares[node]) / 2
                    + Double((weight - 1) * apart)
        }

        // Components of the core side by side; within one, in the order of positions.
        places = [Int32](repeating: -1, count: nodeCount)
        var coreSizes = [Int](repeating: 0, count: nodeCount)
        for node in 0..<nodeCount where !isPeeled[node] && degrees[node] > 0 {
            coreSizes[Int(labels[node])] += 1
        }
        var cursors = [Int](repeating: -1, count: nodeCount)
        for node in 0..<nodeCount where !isPeeled[node] && degrees[node] > 0 {
            let label = Int(labels[node])
            if cursors[label] < 0 {
                let start = componentStarts[componentStarts.count - 1]
                cursors[label] = start
                componentStarts.append(start + coreSizes[label])
            }
            places[node] = Int32(cursors[label])
            cursors[label] += 1
        }
        positions = [Int32](
            repeating: 0, count: componentStarts[componentStarts.count - 1])
        for node in 0..<nodeCount where places[node] >= 0 {
            positions[Int(places[node])] = Int32(node)
        }
        for component in 0..<componentCount {
            for _ in componentStarts[component]..<componentStarts[component + 1] {
                components.append(Int32(component))
            }
        }
        offsets.reserveCapacity(positions.count + 1)
        targets.reserveCapacity(graph.targets.count)
        for position in positions {
            self.weights.append(Int32(weights[Int(position)]))
            for entry in row(graph.offsets, Int(position)) {
                let place = places[Int(graph.targets[entry])]
                if place >= 0 { targets.append(place) }
            }
            offsets.append(UInt32(targets.count))
        }
        // Roots of trees last peeled are seen first, so a parent's place is known before its child's.
        for node in peeled.reversed() where isPeeled[Int(node)] {
            places[Int(node)] = places[Int(parents[Int(node)])]
        }
    }
}
