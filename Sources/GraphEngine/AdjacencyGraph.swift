/// The graph of entities and relationships, kept in memory while rows come and go.
///
/// It is a directed multigraph of edge rows, active or not, and the simple undirected graph of the
/// active ones, with the number of triangles through each node; both are exact after every mutation. A
/// plain value: a copy shares its memory, costs a few references, and stays as it is while the other
/// is changed, which copies the pages that it touches. So long work beside the writer takes a copy.
///
/// Invariants:
/// - a node's incident rows ascend by the position of the other end, then by their own: the rows of a
///   pair lie together, and the neighbors, distinct and ascending, are read from the rows;
/// - `degrees` counts the distinct neighbors over active rows, the node itself excluded.
package struct AdjacencyGraph: Sendable {
    var nodes = KeyBlocks()
    var degrees = PagedColumn<Int32>(fillByte: 0)
    /// Triangles through a node: pairs of its neighbors, so no more than there are pairs at all.
    var triangles = PagedColumn<Int32>(fillByte: 0)
    var outRows = CountColumn()
    var inRows = CountColumn()
    var rows = EdgeRows()
    var incidence = ListArena()

    /// The number of edge rows that are active.
    package internal(set) var activeEdgeCount = 0
    /// The number of adjacent pairs in the simple undirected graph.
    package internal(set) var simpleEdgeCount = 0

    /// Positions of nodes and of rows stay below this: a node's position leaves a bit for what is not
    /// active, and the arena counts 2^32 list entries.
    static let positionCountMax = 1 << 30

    /// Makes an empty graph.
    package init() {}

    /// The number of nodes.
    package var nodeCount: Int { nodes.count }
    /// The number of edge rows, active or not.
    package var edgeCount: Int { rows.count }
    /// Every node's position is below this; free positions lie in between.
    package var nodeIndexBound: Int { nodes.positionBound }
    /// Every edge row's position is below this; free positions lie in between.
    package var edgeIndexBound: Int { rows.bound }

    /// The position of a node, or nil where the key is not in the graph.
    package func nodeIndex(of key: NodeKey) -> NodeIndex? { nodes.position(of: key.rawValue) }

    /// The key of the node at a position.
    package func nodeKey(at index: NodeIndex) -> NodeKey {
        precondition(nodes.isInUse(index), "the node position is in use")
        return NodeKey(nodes.key(at: index))
    }

    /// Whether a position holds a node now.
    package func isLive(_ index: NodeIndex) -> Bool { nodes.isInUse(index) }

    /// The position of an edge row, or nil where the key is not in the graph.
    package func edgeIndex(of key: EdgeKey) -> EdgeIndex? {
        rows.keys.position(of: key.rawValue)
    }

    /// The edge row at a position that is in use.
    package func edge(at index: EdgeIndex) -> Edge {
        let ends = rows.ends[Int(index)]
        precondition(!ends.isFree, "the edge position holds a row")
        return Edge(
            key: EdgeKey(rows.keys.key(at: index)), source: ends.source, target: ends.target,
            attributes: rows.attributes(at: index))
    }
}
