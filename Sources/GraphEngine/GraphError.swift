/// Why the graph refused a mutation; the graph is as it was before.
package enum GraphError: Error, Equatable {
    /// An end of the edge is not in the graph.
    case unknownNode(NodeKey)
    /// The graph would outgrow what its positions can count; says which limit.
    case capacityExceeded(String)
}
