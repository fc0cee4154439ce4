import GraphEngine
import GraphMetrics

extension AnomalyDetector {
    /// Ends need so many other neighbours each before the range of their tie says anything.
    static let tieNeighboursMin = 3

    /// Triangles beyond what the configuration model lets expect, in standard deviations; NaN below
    /// degree 2, where there can be none.
    ///
    /// With d the degree, T the triangles, N nodes and means over them:
    /// pc = (⟨d²⟩ - ⟨d⟩)² / (N ⟨d⟩³), E = pc d (d - 1) / 2, s = (T - E) / √(E + 1); after Newman,
    /// Strogatz and Watts, Random graphs with arbitrary degree distributions, 2001,
    /// 10.1103/PhysRevE.64.026118.
    func triangleExcess(of node: NodeIndex, degree: Int) -> Double {
        guard degree >= 2, degreeSum > 0 else { return .nan }
        let nodeCount = Double(graph.nodeCount)
        let mean = Double(degreeSum) / nodeCount
        let meanSquare = Double(degreeSquareSum) / nodeCount
        let excess = meanSquare - mean
        let closure = min(1, excess * excess / (nodeCount * mean * mean * mean))
        let expected = closure * Double(degree) * Double(degree - 1) / 2
        return (Double(graph.triangleCount(of: node)) - expected) / (expected + 1).squareRoot()
    }

    /// The tie range of a relationship: the steps between its ends without it.
    ///
    /// Nil where it cannot speak: an end with fewer than three other neighbours, a self-loop, or the
    /// budget was spent.
    func tieRange(ofRow row: EdgeIndex) -> Int? {
        let edge = graph.edge(at: row)
        guard edge.source != edge.target,
            graph.degree(of: edge.source) > Self.tieNeighboursMin,
            graph.degree(of: edge.target) > Self.tieNeighboursMin
        else { return nil }
        return GraphMetrics.tieRange(
            graph, edge.source, edge.target, rangeMax: settings.tieRangeMax,
            visitedMax: settings.tieVisitedMax)
    }

    /// The longest tie among these rows, and how many of them could speak.
    func longestTie(among rows: [EdgeIndex]) -> LongestTie? {
        var longest: LongestTie?
        for row in rows {
            guard let range = tieRange(ofRow: row) else { continue }
            let checkedCount = (longest?.checkedCount ?? 0) + 1
            if let known = longest, known.range >= range {
                longest?.checkedCount = checkedCount
            } else {
                longest = LongestTie(range: range, row: row, checkedCount: checkedCount)
            }
        }
        return longest
    }
}

/// The relationship among a few whose ends are the farthest apart without it.
struct LongestTie: Sendable {
    var range: Int
    var row: EdgeIndex
    var checkedCount: Int
}
