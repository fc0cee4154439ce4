import Foundation

/// Whether tail probabilities keep what they promise on rows that no fit has seen.
///
/// Of honest ones, at most a tenth of ordinary rows is below 0.1, a hundredth below 0.01 and a
/// thousandth below 0.001. Rows about which nobody spoke count as ordinary. An interval is Wilson's (E. B. Wilson, JASA 22(158), 1927,
/// 10.1080/01621459.1927.10502953): what the binomial distribution allows with so many rows.
package struct TailHonesty: Sendable, Equatable {
    /// The probabilities that are looked at.
    package static let levels = [0.1, 0.01, 0.001]

    /// The share of rows at or below one level.
    package struct Share: Sendable, Equatable {
        /// The level, which is the share that is promised.
        package var nominal: Double
        /// The share that there was.
        package var observed: Double
        /// Where the share of all rows lies, with a probability of 95 %.
        package var lower, upper: Double
    }

    /// How many rows were judged.
    package let rowCount: Int
    /// The shares, by level.
    package let shares: [Share]

    /// The shares of these tail probabilities, NaN where nobody spoke.
    package init(_ probabilities: [Double]) {
        rowCount = probabilities.count
        shares = Self.levels.map { level in
            let count = probabilities.count { $0 <= level }
            let (lower, upper) = Self.interval(count, of: probabilities.count)
            return Share(
                nominal: level,
                observed: probabilities.isEmpty
                    ? .nan : Double(count) / Double(probabilities.count), lower: lower, upper: upper
            )
        }
    }

    /// The mean over the levels of how far the share is off, as a part of what is promised.
    package var calibrationError: Double {
        shares.reduce(0) { $0 + abs($1.observed - $1.nominal) / $1.nominal } / Double(shares.count)
    }

    /// Whether no level has more rows than it promises, beyond what chance allows.
    package var isHonest: Bool { shares.allSatisfy { !($0.lower > $0.nominal) } }

    /// Wilson's interval of a share.
    static func interval(_ count: Int, of total: Int) -> (lower: Double, upper: Double) {
        guard total > 0 else { return (.nan, .nan) }
        let (n, share) = (Double(total), Double(count) / Double(total))
        let z = NormalDistribution.quantile(0.975)
        let center = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half =
            z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return (max(0, center - half), min(1, center + half))
    }
}
