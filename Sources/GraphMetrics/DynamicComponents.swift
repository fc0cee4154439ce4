// Connected components kept under changes. Two components that meet become one by relabelling the
// smaller: A. V. Aho, J. E. Hopcroft, J. D. Ullman, "The design and analysis of computer algorithms"
// (1974), section 4.6. A removed edge is answered by searches from both of its ends that take turns:
// S. Even, Y. Shiloach, "An on-line edge-deletion problem", Journal of the ACM 28 (1981),
// doi:10.1145/322234.322235 (their process A). The members of a component form a pairing heap by key:
// M. L. Fredman, R. Sedgewick, D. D. Sleator, R. E. Tarjan, "The pairing heap: a new form of
// self-adjusting heap", Algorithmica 1 (1986), doi:10.1007/BF01840439.
//
// A component is named by its smallest key, which is the root of its heap; the heap is the list of the
// members too. Different from the papers: a search starts from any number of nodes at once (all former
// neighbors of a removed node), the searches that meet go on as one, and all but the last that still
// runs have found a component of their own. Beyond a budget of edges looked at the component is left
// as it is and marked: `finishBatch` then searches all of it once.
//
// Complexity: an insertion O(log nodes) amortized. A removal O(the part that is cut off), or where
// nothing is cut off the edges until the searches meet, in both cases at most the budget; beyond it
// O(component) once a batch.

package import GraphEngine

/// The component of every node of an `AdjacencyGraph`, exact after `finishBatch`.
///
/// After each mutation a component is exact, or it is one that `isExact` denies: a union of components.
package struct DynamicComponents: Sendable {
    /// What is kept of a node.
    struct Node {
        /// The component's place in `components`, -1 where the position holds no node.
        var component: Int32 = -1
        /// The heap of the component: the first child, the next sibling, and the previous sibling or,
        /// for a first child, the parent.
        var child: Int32 = -1
        var next: Int32 = -1
        var previous: Int32 = -1
        /// The search that has found the node, -1 outside searches.
        var search: Int32 = -1
    }

    struct Component {
        var root: Int32 = -1
        var nodeCount: Int32 = 0
        var isStale = false
    }

    var nodes: [Node] = []
    var components: [Component] = []
    var freeComponents: [Int32] = []
    var staleComponents: [Int32] = []
    /// The most edges that the searches after one mutation look at before they give up.
    let edgeVisitsMax: Int
    // Working memory, empty between mutations.
    var searches = SplitSearch()
    var queue: [NodeIndex] = []
    var ends: [NodeIndex] = []

    /// How many components there are; those that are not exact count as one.
    package private(set) var componentCount = 0
    /// How many searches gave up, since the start.
    package internal(set) var fallbackCount = 0
    /// How many edges searches have looked at, for measurements.
    package internal(set) var edgeVisitCount = 0

    /// Searches of one mutation look at so many edges, mostly far fewer: some milliseconds at most.
    ///
    /// Two hubs of 100,000 rows fit; to search a component of a million nodes anew takes a second.
    package static let edgeVisitsUsual = 1 << 18

    /// Starts from an empty graph.
    package init(edgeVisitsMax: Int = Self.edgeVisitsUsual) {
        self.edgeVisitsMax = edgeVisitsMax
    }

    /// Starts from the components of a snapshot that was just taken of a graph.
    /// - Parameters:
    ///   - snapshot: The frozen graph.
    ///   - labels: Its components, each named by the position of its smallest key.
    ///   - indices: The `NodeIndex` at each position.
    ///   - nodeIndexBound: Every `NodeIndex` of the graph is below.
    ///   - edgeVisitsMax: The budget of a removal.
    /// - Complexity: O(nodes).
    package init(
        snapshot: GraphSnapshot, labels: [Int32], nodes indices: [NodeIndex],
        nodeIndexBound: Int, edgeVisitsMax: Int = Self.edgeVisitsUsual
    ) {
        self.edgeVisitsMax = edgeVisitsMax
        nodes = [Node](repeating: Node(), count: nodeIndexBound)
        // By ascending key each component becomes a chain, a heap whose root is cheap to take.
        var places = [Int32](repeating: -1, count: snapshot.nodeCount)
        var lasts: [Int32] = []
        for position in snapshot.positionsByKey {
            let node = indices[Int(position)]
            let label = Int(labels[Int(position)])
            if places[label] < 0 {
                places[label] = makeComponent(root: node)
                lasts.append(node)
                continue
            }
            let place = places[label]
            let last = lasts[Int(place)]
            nodes[Int(last)].child = node
            nodes[Int(node)].previous = last
            nodes[Int(node)].component = place
            components[Int(place)].nodeCount += 1
            lasts[Int(place)] = node
        }
    }

    /// The smallest key in a node's component.
    package func name(of node: NodeIndex, _ graph: AdjacencyGraph) -> NodeKey {
        graph.nodeKey(at: components[Int(nodes[Int(node)].component)].root)
    }

    /// How many nodes a node's component has.
    package func size(of node: NodeIndex) -> Int {
        Int(components[Int(nodes[Int(node)].component)].nodeCount)
    }

    /// Whether two nodes are in one component.
    package func areConnected(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        nodes[Int(first)].component == nodes[Int(second)].component
    }

    /// Whether a node's component is exact now; otherwise it waits for `finishBatch`.
    package func isExact(_ node: NodeIndex) -> Bool {
        !components[Int(nodes[Int(node)].component)].isStale
    }

    /// The bytes held.
    package var byteCount: Int {
        nodes.capacity * MemoryLayout<Node>.stride
            + components.capacity * MemoryLayout<Component>.stride
            + (freeComponents.capacity + staleComponents.capacity + queue.capacity) * 4
            + ends.capacity * 4 + searches.byteCount
    }

    /// Takes in a node that was inserted, without edges.
    package mutating func insertNode(_ node: NodeIndex) {
        while nodes.count <= Int(node) { nodes.append(Node()) }
        guard nodes[Int(node)].component < 0 else { return }
        _ = makeComponent(root: node)
    }

    /// Takes in that a node was removed with all its edges.
    /// - Parameters:
    ///   - node: The position that it had.
    ///   - changes: The pairs that ceased to be adjacent.
    ///   - graph: The graph after the removal.
    package mutating func removeNode(
        _ node: NodeIndex, _ changes: [SimpleEdgeChange], _ graph: AdjacencyGraph
    ) {
        let component = nodes[Int(node)].component
        take(node, graph)
        nodes[Int(node)] = Node()
        if components[Int(component)].nodeCount == 0 { release(component) }
        ends.removeAll(keepingCapacity: true)
        for change in changes { ends.append(change.first == node ? change.second : change.first) }
        split(component, graph)
    }

    /// Takes in what the insertion or removal of an edge row did to the simple undirected graph.
    package mutating func apply(_ changes: [SimpleEdgeChange], _ graph: AdjacencyGraph) {
        for change in changes {
            if change.appeared {
                join(change.first, change.second, graph)
            } else {
                ends.removeAll(keepingCapacity: true)
                ends.append(change.first)
                ends.append(change.second)
                split(nodes[Int(change.first)].component, graph)
            }
        }
    }

    /// Makes the components exact whose searches had given up.
    package mutating func finishBatch(_ graph: AdjacencyGraph) {
        while let component = staleComponents.popLast() {
            guard components[Int(component)].isStale else { continue }
            components[Int(component)].isStale = false
            recompute(component, graph)
        }
    }

    // MARK: - Parts

    private mutating func join(
        _ first: NodeIndex, _ second: NodeIndex, _ graph: AdjacencyGraph
    ) {
        var large = nodes[Int(first)].component
        var small = nodes[Int(second)].component
        guard large != small else { return }
        if components[Int(large)].nodeCount < components[Int(small)].nodeCount {
            swap(&large, &small)
        }
        gatherMembers(of: small)
        for node in queue { nodes[Int(node)].component = large }
        components[Int(large)].root = meld(
            components[Int(large)].root, components[Int(small)].root, graph)
        components[Int(large)].nodeCount += components[Int(small)].nodeCount
        if components[Int(small)].isStale { markStale(large) }
        release(small)
    }

    /// Finds out into which parts a component has fallen whose `ends` have lost edges.
    private mutating func split(_ component: Int32, _ graph: AdjacencyGraph) {
        guard ends.count > 1, !components[Int(component)].isStale else { return }
        let isDecided = search(graph)
        if !searches.finished.isEmpty { searches.chainNodes { nodes[Int($0)].search } }
        for part in searches.finished {
            queue.removeAll(keepingCapacity: true)
            searches.gatherNodes(of: part, into: &queue)
            separate(queue[...], graph)
        }
        for node in searches.visited { nodes[Int(node)].search = -1 }
        searches.removeAll()
        guard !isDecided else { return }
        fallbackCount += 1
        markStale(component)
    }

    /// Searches all of a component; its largest part keeps its place.
    private mutating func recompute(_ component: Int32, _ graph: AdjacencyGraph) {
        gatherMembers(of: component)
        var found: [NodeIndex] = []
        found.reserveCapacity(queue.count)
        var starts: [Int] = []
        for member in queue where nodes[Int(member)].search < 0 {
            let part = Int32(starts.count)
            var place = found.count
            starts.append(place)
            found.append(member)
            nodes[Int(member)].search = part
            while place < found.count {
                graph.withNeighbors(of: found[place]) { neighbors in
                    for neighbor in neighbors where nodes[Int(neighbor)].search < 0 {
                        nodes[Int(neighbor)].search = part
                        found.append(neighbor)
                    }
                }
                place += 1
            }
        }
        for node in found { nodes[Int(node)].search = -1 }
        starts.append(found.count)
        let sizes = zip(starts, starts.dropFirst()).map { $1 - $0 }
        let largest = sizes.indices.max { sizes[$0] < sizes[$1] }
        for part in sizes.indices where part != largest {
            separate(found[starts[part]..<starts[part + 1]], graph)
        }
    }

    /// Makes a component of its own out of nodes of another one.
    private mutating func separate(_ part: ArraySlice<NodeIndex>, _ graph: AdjacencyGraph) {
        guard let first = part.first else { return }
        for node in part { take(node, graph) }
        let component = makeComponent(root: first)
        var root = first
        for node in part.dropFirst() {
            nodes[Int(node)].component = component
            root = meld(root, node, graph)
        }
        components[Int(component)].root = root
        components[Int(component)].nodeCount = Int32(part.count)
    }

    private mutating func markStale(_ component: Int32) {
        guard !components[Int(component)].isStale else { return }
        components[Int(component)].isStale = true
        staleComponents.append(component)
    }

    private mutating func makeComponent(root: NodeIndex) -> Int32 {
        componentCount += 1
        let component = Component(root: root, nodeCount: 1)
        nodes[Int(root)] = Node()
        guard let free = freeComponents.popLast() else {
            nodes[Int(root)].component = Int32(components.count)
            components.append(component)
            return Int32(components.count - 1)
        }
        nodes[Int(root)].component = free
        components[Int(free)] = component
        return free
    }

    private mutating func release(_ component: Int32) {
        componentCount -= 1
        components[Int(component)] = Component()
        freeComponents.append(component)
    }
}
