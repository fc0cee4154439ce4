import Foundation

/// Nodes and weights of Gauss-Legendre quadrature on [0, 1].
///
/// With n nodes the quadrature is exact for polynomials of degree 2n - 1.
struct GaussLegendre {
    let nodes: [Double]
    let weights: [Double]

    /// The rule with the given number of nodes, by Newton's method on the Legendre polynomial.
    init(nodeCount: Int) {
        var nodes: [Double] = []
        var weights: [Double] = []
        for index in 0..<nodeCount {
            // The classical first guess is near enough to converge to the right root.
            var x = cos(.pi * (Double(index) + 0.75) / (Double(nodeCount) + 0.5))
            for _ in 0..<8 {
                let (value, slope) = Self.legendre(nodeCount, x)
                x -= value / slope
            }
            let slope = Self.legendre(nodeCount, x).slope
            nodes.append((1 - x) / 2)
            weights.append(1 / ((1 - x * x) * slope * slope))
        }
        self.nodes = nodes
        self.weights = weights
    }

    /// The Legendre polynomial of the given degree and its derivative at x.
    private static func legendre(_ degree: Int, _ x: Double) -> (value: Double, slope: Double) {
        var (previous, current) = (1.0, x)
        for order in 1..<max(degree, 1) {
            let n = Double(order)
            (previous, current) = (current, ((2 * n + 1) * x * current - n * previous) / (n + 1))
        }
        return (current, Double(degree) * (x * current - previous) / (x * x - 1))
    }
}
