/// The graph of entities and relationships, kept in memory while rows come and go.
///
/// It is a directed multigraph of edge rows, active or not, and beside it the simple undirected graph
/// of the active rows, with the number of triangles through each node; both are exact after every
/// mutation. A plain value: a copy shares its memory until one of the two is changed, and then costs
/// the whole graph, so long work takes a `GraphSnapshot` instead of a copy.
///
/// Invariants:
/// - a node's neighbors ascend by position, are distinct and never the node itself;
/// - a node's incident rows ascend by `EdgeKey`, so sums over them do not depend on history;
/// - `parallelRows` holds the pairs with more than one active row, and the number beyond the first.
package struct AdjacencyGraph: Sendable {
    var nodeKeys: [Int64] = []
    var nodeIsLive: [Bool] = []
    var outRows: [Int32] = []
    var inRows: [Int32] = []
    var triangles: [Int] = []
    var nodeTable = KeyTable()
    var freeNodes: [NodeIndex] = []
    var edges = EdgeColumns()
    var neighborLists = ListPool()
    var incidentLists = ListPool()
    var parallelRows: [UInt64: Int32] = [:]

    /// The number of edge rows that are active.
    package internal(set) var activeEdgeCount = 0
    /// The number of adjacent pairs in the simple undirected graph.
    package internal(set) var simpleEdgeCount = 0

    /// Positions of nodes and of rows stay below this, so that list entries fit 32 bits and an arena
    /// of lists its 2^33 elements.
    static let positionCountMax = 1 << 30

    /// Makes an empty graph.
    package init() {}

    /// The number of nodes.
    package var nodeCount: Int { nodeTable.count }
    /// The number of edge rows, active or not.
    package var edgeCount: Int { edges.count }
    /// Every node's position is below this; positions of removed nodes lie in between.
    package var nodeIndexBound: Int { nodeKeys.count }
    /// Every edge row's position is below this; positions of removed rows lie in between.
    package var edgeIndexBound: Int { edges.bound }

    /// The position of a node, or nil where the key is not in the graph.
    package func nodeIndex(of key: NodeKey) -> NodeIndex? {
        nodeTable.position(of: key.rawValue, keys: nodeKeys)
    }

    /// The key of the node at a position.
    package func nodeKey(at index: NodeIndex) -> NodeKey {
        precondition(nodeIsLive[Int(index)], "the node position is in use")
        return NodeKey(nodeKeys[Int(index)])
    }

    /// Whether a position holds a node now.
    package func isLive(_ index: NodeIndex) -> Bool {
        index >= 0 && Int(index) < nodeIsLive.count && nodeIsLive[Int(index)]
    }

    /// The position of an edge row, or nil where the key is not in the graph.
    package func edgeIndex(of key: EdgeKey) -> EdgeIndex? { edges.position(of: key) }

    /// The edge row at a position that is in use.
    package func edge(at index: EdgeIndex) -> Edge { edges.edge(at: index) }
}
