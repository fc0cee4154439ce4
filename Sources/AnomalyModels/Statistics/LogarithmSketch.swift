// A histogram of logarithms with bins of equal width has a quantile of bounded relative error: C. Masson,
// J. E. Rim, H. K. Lee, "DDSketch", PVLDB 12(12), 2019, 10.14778/3352063.3352135. Different here: values
// may be taken out again, and no bins are ever merged, since amounts span few decades.

import Foundation

/// Positive amounts counted in bins of 1/64 of a decade, with a median of known error.
///
/// Whole numbers only: any order of additions, removals and merges ends at the same bins. At most 6
/// bytes for each bin, of which ten decades have 640.
package struct LogarithmSketch: Sendable, Equatable {
    /// The bins to a decade.
    package static let binsPerDecade = 64.0
    /// The largest error of a median, in decades: half a bin, 1.8 % of the amount.
    package static let errorMax = 0.5 / binsPerDecade

    /// The amounts counted.
    package private(set) var count = 0
    private var bins: [Int16] = []
    private var binCounts: [Int32] = []

    /// No amounts.
    package init() {}

    /// The batch form: all amounts of an array.
    package init(_ amounts: some Sequence<Double>) {
        self.init()
        for amount in amounts { add(amount) }
    }

    /// Counts an amount; one that is not positive and finite is skipped.
    ///
    /// - Returns: False where it was skipped.
    /// - Complexity: O(bins in use).
    @discardableResult
    package mutating func add(_ amount: Double) -> Bool {
        guard amount > 0, amount.isFinite else { return false }
        let bin = Self.bin(of: amount)
        let position = lowerBound(bin)
        if position < bins.count, bins[position] == bin {
            guard binCounts[position] < Int32.max else { return false }
            binCounts[position] += 1
        } else {
            bins.insert(bin, at: position)
            binCounts.insert(1, at: position)
        }
        count += 1
        return true
    }

    /// Takes an amount back that was counted.
    ///
    /// - Returns: False where its bin is empty.
    @discardableResult
    package mutating func remove(_ amount: Double) -> Bool {
        guard amount > 0, amount.isFinite else { return false }
        let bin = Self.bin(of: amount)
        let position = lowerBound(bin)
        guard position < bins.count, bins[position] == bin else { return false }
        binCounts[position] -= 1
        count -= 1
        if binCounts[position] == 0 {
            bins.remove(at: position)
            binCounts.remove(at: position)
        }
        return true
    }

    /// Counts all that another sketch has counted.
    ///
    /// - Complexity: O(bins in use).
    package mutating func merge(_ other: LogarithmSketch) {
        for (bin, added) in zip(other.bins, other.binCounts) {
            let position = lowerBound(bin)
            if position < bins.count, bins[position] == bin {
                binCounts[position] += added
            } else {
                bins.insert(bin, at: position)
                binCounts.insert(added, at: position)
            }
        }
        count += other.count
    }

    /// The median of log10(amount), within `errorMax`; NaN without amounts.
    package var medianLogarithm: Double {
        guard count > 0 else { return .nan }
        let lower = center(ofRank: (count - 1) / 2)
        return count % 2 == 1 ? lower : (lower + center(ofRank: count / 2)) / 2
    }

    /// The median of the sketch of these amounts, which is not built; those that are not positive and
    /// finite are skipped, and without others it is NaN.
    ///
    /// - Complexity: O(n log n).
    package static func medianLogarithm(of amounts: [Double]) -> Double {
        let bins = amounts.filter { $0 > 0 && $0.isFinite }.map(bin(of:)).sorted()
        guard !bins.isEmpty else { return .nan }
        let lower = center(of: bins[(bins.count - 1) / 2])
        return bins.count % 2 == 1 ? lower : (lower + center(of: bins[bins.count / 2])) / 2
    }

    /// The logarithm (base 10) below which this share of the amounts lies, within `errorMax`, of those there
    /// are; NaN without amounts.
    package func logarithm(atShare share: Double) -> Double {
        count > 0 ? center(ofRank: Self.rank(share, of: count)) : .nan
    }

    /// The same of the sketch of these amounts, which is not built.
    package static func logarithm(of amounts: [Double], atShare share: Double) -> Double {
        let bins = amounts.filter { $0 > 0 && $0.isFinite }.map(bin(of:)).sorted()
        return bins.isEmpty ? .nan : center(of: bins[rank(share, of: bins.count)])
    }

    private static func rank(_ share: Double, of count: Int) -> Int {
        Int(share * Double(count - 1))
    }

    private static func center(of bin: Int16) -> Double { (Double(bin) + 0.5) / binsPerDecade }

    private func center(ofRank rank: Int) -> Double {
        var passed = 0
        for (bin, count) in zip(bins, binCounts) {
            passed += Int(count)
            if passed > rank { return Self.center(of: bin) }
        }
        return .nan
    }

    private func lowerBound(_ bin: Int16) -> Int {
        var lower = 0
        var upper = bins.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if bins[middle] < bin { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }

    /// From -20,724 for the smallest number to 19,728 for the largest.
    private static func bin(of amount: Double) -> Int16 {
        Int16((log10(amount) * binsPerDecade).rounded(.down))
    }
}
