import Foundation

/// The standard normal distribution.
enum NormalDistribution {
    /// The density at a value.
    static func density(_ value: Double) -> Double {
        exp(-value * value / 2) / (2 * Double.pi).squareRoot()
    }

    /// The probability of a smaller value.
    static func cumulative(_ value: Double) -> Double {
        erfc(-value / 2.0.squareRoot()) / 2
    }

    /// The value below which this probability lies; infinite at 0 and 1.
    ///
    /// By bisection: it is asked a few times for an interval, and every bit comes out right.
    static func quantile(_ probability: Double) -> Double {
        guard probability > 0, probability < 1 else {
            return probability.isNaN ? .nan : probability <= 0 ? -.infinity : .infinity
        }
        // The upper half is as exact as the lower one this way.
        guard probability <= 0.5 else { return -quantile(1 - probability) }
        var (low, high) = (-40.0, 0.0)
        while true {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { return middle }
            if cumulative(middle) < probability { low = middle } else { high = middle }
        }
    }
}
