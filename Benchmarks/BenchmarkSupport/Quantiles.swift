import Foundation

/// Quantiles of what was measured.
package struct Quantiles: Sendable, CustomStringConvertible {
    private let sorted: [Double]

    /// The quantiles of the values, in whatever unit.
    package init(_ values: [Double]) { sorted = values.sorted() }

    /// How many values there are.
    package var count: Int { sorted.count }

    /// The smallest value that so large a share does not exceed; NaN without values.
    package func callAsFunction(_ share: Double) -> Double {
        sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    /// The median, tails and the greatest value.
    package var description: String {
        func text(_ share: Double) -> String {
            sorted.isEmpty ? "-" : String(format: "%.1f", self(share))
        }
        return "p50 \(text(0.5)), p90 \(text(0.9)), p99 \(text(0.99)), max \(text(1))"
    }
}
