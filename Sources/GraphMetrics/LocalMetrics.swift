package import GraphEngine

/// The metrics of one node that its rows and its neighbors alone decide; always exact.
///
/// Sums of weights are rounded once and do not depend on the order in which rows came.
package struct LocalMetrics: Sendable, Equatable {
    /// Distinct neighbors.
    package let degree: Int
    /// Distinct neighbors as a share of all other nodes; 0 for a node alone.
    package let degreeCentrality: Double
    /// Active rows that leave the node and that enter it; a loop counts for both.
    package let outDegree, inDegree: Int
    /// The sums of the weights of these rows; a row without a weight adds nothing.
    package let outStrength, inStrength: Double
    /// The sum of the weights of all active rows at the node; a loop counts at both of its ends.
    package let strength: Double
    /// Whether any of these rows has a weight.
    package let isWeighted: Bool
    /// Triangles of the simple undirected graph through the node.
    package let triangleCount: Int
    /// The share of the pairs of neighbors that are adjacent; 0 below degree 2.
    package let clusteringCoefficient: Double

    /// Reads a node's metrics.
    /// - Complexity: O(rows) for the strengths; the rest O(1).
    package init(of node: NodeIndex, _ graph: AdjacencyGraph) {
        degree = graph.degree(of: node)
        degreeCentrality =
            graph.nodeCount > 1 ? Double(degree) / Double(graph.nodeCount - 1) : 0
        outDegree = graph.outDegreeRows(of: node)
        inDegree = graph.inDegreeRows(of: node)
        triangleCount = graph.triangleCount(of: node)
        clusteringCoefficient = GraphMetrics.clusteringCoefficient(
            triangleCount: triangleCount, degree: degree)
        var (out, into, all) = (ExactSum(), ExactSum(), ExactSum())
        var isWeighted = false
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            let weight = edge.attributes.weight
            guard edge.attributes.isActive, !weight.isNaN else { continue }
            isWeighted = true
            if edge.source == node {
                out.add(weight)
                all.add(weight)
            }
            if edge.target == node {
                into.add(weight)
                all.add(weight)
            }
        }
        self.isWeighted = isWeighted
        outStrength = out.value
        inStrength = into.value
        strength = all.value
    }
}
