// J. Zhang, M. A. Stephens, "A New and Efficient Estimation Method for the Generalized Pareto
// Distribution", Technometrics 51(3), 2009, 10.1198/tech.2009.08017. Different here: the shape is
// bounded from below, since a tail that ends just beyond the largest training row says p = 0 there.

import Foundation

/// The generalised Pareto distribution of exceedances: P(Z > z) = (1 + ξ z / σ)^(-1/ξ).
struct GeneralizedPareto: Sendable, Equatable {
    /// ξ: negative for a tail that ends, 0 for an exponential one, positive for a heavy one.
    let shape: Double
    /// σ.
    let scale: Double

    /// The smallest shape that a fit returns.
    static let shapeMin = -0.25

    /// A distribution of known shape and scale.
    init(shape: Double, scale: Double) {
        self.shape = shape
        self.scale = scale
    }

    /// Fits positive exceedances in ascending order; nil where they have no finite positive mean.
    ///
    /// - Complexity: O(m k) for k exceedances and m = 20 + √k trial values; no iteration.
    init?(fitting exceedances: [Double]) {
        let mean = exceedances.reduce(0, +) / Double(exceedances.count)
        guard mean > 0, mean.isFinite else { return nil }
        // In units of the mean, so that very large and very small scores lose nothing.
        let estimate = Self.shapeAndScale(exceedances.map { $0 / mean })
        guard estimate.shape >= Self.shapeMin, estimate.scale > 0, estimate.scale.isFinite else {
            // The mean is σ / (1 - ξ), so this keeps it.
            self.init(shape: Self.shapeMin, scale: mean * (1 - Self.shapeMin))
            return
        }
        self.init(shape: estimate.shape, scale: estimate.scale * mean)
    }

    /// P(Z > z).
    func survival(_ exceedance: Double) -> Double {
        let z = exceedance / scale
        guard abs(shape) > 1e-12 else { return exp(-z) }
        let inner = 1 + shape * z
        return inner > 0 ? exp(-log1p(shape * z) / shape) : 0
    }

    /// The mean of θ = -ξ / σ under its quasi-posterior, and the shape and scale that belong to it.
    private static func shapeAndScale(_ z: [Double]) -> (shape: Double, scale: Double) {
        let count = z.count
        let trialCount = 20 + Int(Double(count).squareRoot())
        let quartile = z[max(Int(Double(count) / 4 + 0.5) - 1, 0)]
        let largest = z[count - 1]
        let trials = (1...trialCount).map { j in
            let ratio = (Double(trialCount) / (Double(j) - 0.5)).squareRoot()
            return 1 / largest + (1 - ratio) / (3 * quartile)
        }
        let likelihoods = trials.map { profileLikelihood($0, z) }
        let highest = likelihoods.max() ?? 0
        let weights = likelihoods.map { exp($0 - highest) }
        let theta =
            zip(trials, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        let shape = meanLogarithm(theta, z)
        // As θ vanishes the tail becomes exponential and σ its mean, which is 1 here.
        return (shape, abs(theta) > 1e-9 ? -shape / theta : 1)
    }

    /// The logarithm of the likelihood at the scale that suits θ best: k (ln(θ / κ) + κ - 1), κ = -ξ.
    private static func profileLikelihood(_ theta: Double, _ z: [Double]) -> Double {
        let kappa = -meanLogarithm(theta, z)
        let ratio = abs(theta) > 1e-9 ? theta / kappa : 1
        guard ratio > 0 else { return -.infinity }
        return Double(z.count) * (log(ratio) + kappa - 1)
    }

    /// ξ(θ): the mean of ln(1 - θ z).
    private static func meanLogarithm(_ theta: Double, _ z: [Double]) -> Double {
        z.reduce(0) { $0 + log1p(-theta * $1) } / Double(z.count)
    }
}
