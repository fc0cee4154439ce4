// F. Benford, "The Law of Anomalous Numbers", Proceedings of the American Philosophical Society 78(4),
// 1938: of amounts that spread over decades the share log10(1 + 1/d) begins with digit d. The mean
// absolute deviation and its ranges: M. J. Nigrini, "Benford's Law: Applications for Forensic Accounting,
// Auditing, and Fraud Detection", Wiley 2012. Different here: amounts that do not spread stay unjudged,
// and where the entity's type has amounts enough its own shares replace the law.

import Foundation

/// How the first digits of an entity's amounts compare with those that its type or the law lets expect.
package struct Benford: Sendable, Equatable {
    /// What the digits were compared with.
    package enum Reference: String, Sendable {
        /// The shares log10(1 + 1/d).
        case law
        /// The shares of the other amounts of the entity's type.
        case ownType = "own_type"
    }

    /// Nigrini's ranges of the mean absolute deviation for first digits.
    package enum Conformity: String, Sendable, CaseIterable {
        /// At most 0.006.
        case close
        /// At most 0.012.
        case acceptable
        /// At most 0.015.
        case marginal
        /// Above 0.015.
        case nonconforming

        /// The range of a mean absolute deviation.
        package init(meanAbsoluteDeviation: Double) {
            self =
                switch meanAbsoluteDeviation {
                case ...0.006: .close
                case ...0.012: .acceptable
                case ...0.015: .marginal
                default: .nonconforming
                }
        }
    }

    /// The fewest amounts that are judged.
    ///
    /// The statistic is only about chi-square: of entities that follow the law 1.2 in 100 have a p of
    /// 0.01 with 50 amounts and 1.9 in 1,000 one of 0.001; with 1,000 amounts as many as p says.
    package static let countMin = 50
    /// The least standard deviation of log10(amount); below it the digits tell only of a narrow range.
    package static let logarithmDeviationMin = 0.4
    /// The fewest other amounts of the type whose shares replace the law.
    package static let typeCountMin = 2_000
    /// Digits with a smaller expected count are taken together.
    ///
    /// All digits of the law reach it with 50 amounts.
    package static let expectedCountMin = 2.0

    /// The shares of the first digits 1 to 9 by the law.
    package static let shares: [Double] = (1...9).map { log10(1 + 1 / Double($0)) }

    /// The amounts judged.
    package let count: Int
    /// The standard deviation of log10(amount).
    package let logarithmDeviation: Double
    /// What they were compared with.
    package let reference: Reference
    /// Σ (observed - expected)² / expected over the digits, small ones taken together.
    package let chiSquare: Double
    /// Its degrees of freedom: 8 against the law.
    package let degrees: Int
    /// P(as much or more), the detector's own p.
    package let tailProbability: Double
    /// The mean of |observed share - expected share| over the nine digits.
    ///
    /// It does not shrink with the number of amounts as p does: report it where p is small only since
    /// there are many.
    package let meanAbsoluteDeviation: Double

    /// Nigrini's range of the deviation.
    ///
    /// It was set for the law and for thousands of amounts: a few hundred that follow the law exceed
    /// 0.015 by chance.
    package var conformity: Conformity {
        Conformity(meanAbsoluteDeviation: meanAbsoluteDeviation)
    }

    /// The comparison; nil, silence, below `countMin` amounts or where they do not spread.
    ///
    /// - Parameters:
    ///   - digits: The entity's amounts.
    ///   - type: All amounts of its type, the entity's among them; they are taken out first.
    package init?(_ digits: FirstDigits, type: FirstDigits? = nil) {
        let deviation = digits.logarithmDeviation
        guard digits.count >= Self.countMin, deviation >= Self.logarithmDeviationMin else {
            return nil
        }
        var expected = Self.shares
        var reference = Reference.law
        if let others = type?.subtracting(digits), others.count >= Self.typeCountMin {
            // One more of each digit, so that none is impossible.
            expected = others.counts.map { Double($0 + 1) / Double(others.count + 9) }
            reference = .ownType
        }
        let cells = Self.cells(digits, expected)
        count = digits.count
        logarithmDeviation = deviation
        self.reference = reference
        degrees = max(cells.count - 1, 1)
        chiSquare = cells.reduce(0) { sum, cell in
            let difference = cell.observed - cell.expected
            return sum + difference * difference / cell.expected
        }
        tailProbability = chiSquareTail(chiSquare, degrees: degrees)
        let total = Double(digits.count)
        meanAbsoluteDeviation =
            zip(digits.counts, expected).reduce(0) { $0 + abs(Double($1.0) / total - $1.1) } / 9
    }

    /// Observed and expected counts, those of small expectation in one cell.
    private static func cells(
        _ digits: FirstDigits, _ shares: [Double]
    ) -> [(observed: Double, expected: Double)] {
        var cells: [(observed: Double, expected: Double)] = []
        var small = (observed: 0.0, expected: 0.0)
        for (observed, share) in zip(digits.counts, shares) {
            let expected = share * Double(digits.count)
            if expected < expectedCountMin {
                small.observed += Double(observed)
                small.expected += expected
            } else {
                cells.append((Double(observed), expected))
            }
        }
        guard small.expected > 0 else { return cells }
        // Even together they may be too few for the statistic. Then the least that it can judge is
        // expected, and only an excess over that counts.
        let isJudged = small.expected >= expectedCountMin
        cells.append(
            isJudged
                ? small : (max(small.observed, expectedCountMin), expectedCountMin))
        return cells
    }
}
