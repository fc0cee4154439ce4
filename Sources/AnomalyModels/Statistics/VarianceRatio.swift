// F. W. J. Olver and others (eds.), "NIST Handbook of Mathematical Functions", Cambridge 2010, 8.17.22: the
// incomplete beta function as a continued fraction, evaluated by W. J. Lentz, "Generating Bessel functions in
// Mie scattering calculations using continued fractions", Applied Optics 15(3), 1976, 10.1364/AO.15.000668.
// The tails of Fisher's and of Student's distribution are 26.6.2 and 26.7.1 of Abramowitz and Stegun 1964.

import Foundation

/// How many times more something varies than by chance alone, and how well that is known.
package struct Dispersion: Sendable, Equatable, Codable {
    /// The factor of the variance, at least 1.
    package var factor: Double
    /// The degrees of freedom of its estimate; 0 where it was not estimated.
    package var degrees: Double

    /// A dispersion of this factor, at least 1, from an estimate of these degrees.
    package init(factor: Double = 1, degrees: Double = 0) {
        self.factor = max(1, factor)
        self.degrees = degrees
    }

    /// P(at least so large a chi-square by chance) where the variance is this many times larger.
    package func tail(chiSquare: Double, degrees own: Int) -> Double {
        degrees > 0
            ? varianceRatioTail(chiSquare / Double(own) / factor, Double(own), degrees)
            : chiSquareTail(chiSquare / factor, degrees: own)
    }

    /// P(at least so far from 0, either way) of a standardised difference.
    package func twoSidedTail(_ z: Double) -> Double {
        let scaled = abs(z) / factor.squareRoot()
        return degrees > 0
            ? varianceRatioTail(scaled * scaled, 1, degrees) : erfc(scaled / 2.0.squareRoot())
    }
}

/// P(F ≥ f) of Fisher's distribution; with one first degree and f = t², both tails of Student's.
package func varianceRatioTail(_ f: Double, _ first: Double, _ second: Double) -> Double {
    guard !f.isNaN, first > 0, second > 0 else { return .nan }
    guard f > 0 else { return 1 }
    guard f.isFinite else { return 0 }
    return incompleteBeta(second / (second + first * f), second / 2, first / 2)
}

/// I_x(a, b), the regularised incomplete beta function.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // Below its mean the fraction converges fast; above, the mirrored one does.
    return x <= (a + 1) / (a + b + 2)
        ? betaFraction(x, a, b) : 1 - betaFraction(1 - x, b, a)
}

private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let logarithm =
        logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
    let tiny = 1e-300
    var (c, d) = (1.0, 1 - (a + b) * x / (a + 1))
    if abs(d) < tiny { d = tiny }
    d = 1 / d
    var fraction = d
    for m in 1...500 {
        let m = Double(m)
        for numerator in [
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ] {
            d = 1 + numerator * d
            if abs(d) < tiny { d = tiny }
            d = 1 / d
            c = 1 + numerator / c
            if abs(c) < tiny { c = tiny }
            fraction *= c * d
        }
        if abs(c * d - 1) < 1e-15 { break }
    }
    return min(1, max(0, exp(logarithm) * fraction / a))
}
