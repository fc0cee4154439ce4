import Foundation

/// The first significant digits of amounts, and how widely the amounts spread.
///
/// Whole numbers only, so any order of additions and removals ends at the same counts as
/// ``init(_:)`` on what is left. 104 bytes.
package struct FirstDigits: Sendable, Equatable {
    /// The most amounts that are counted; the sums cannot overflow below it.
    package static let countMax = 1 << 26
    /// The steps to a decade in which logarithms are summed.
    private static let stepsPerDecade = 1_024.0

    /// The amounts with each first digit, 1 to 9.
    package private(set) var counts: [Int]
    /// The amounts counted.
    package private(set) var count = 0
    /// Sum and sum of squares of log10(amount) in steps.
    private var sum = 0
    private var squareSum = 0

    /// No amounts.
    package init() { counts = [Int](repeating: 0, count: 9) }

    /// The batch form: all amounts of an array; those that have no first digit are skipped.
    package init(_ amounts: some Sequence<Double>) {
        self.init()
        for amount in amounts { add(amount) }
    }

    /// Counts an amount.
    ///
    /// - Returns: False where it was not counted: zero, negative, not finite, or `countMax` reached.
    @discardableResult
    package mutating func add(_ amount: Double) -> Bool {
        count < Self.countMax && change(amount, by: 1)
    }

    /// Takes an amount back that was counted.
    ///
    /// - Returns: False where no amount with this first digit is left.
    @discardableResult
    package mutating func remove(_ amount: Double) -> Bool {
        change(amount, by: -1)
    }

    /// The same counts without those of another, as a type's without one of its entities.
    ///
    /// Nil where the other one has amounts that these do not have.
    package func subtracting(_ other: FirstDigits) -> FirstDigits? {
        var rest = self
        for digit in 0..<9 { rest.counts[digit] -= other.counts[digit] }
        rest.count -= other.count
        rest.sum -= other.sum
        rest.squareSum -= other.squareSum
        return rest.counts.allSatisfy { $0 >= 0 } ? rest : nil
    }

    /// The standard deviation of log10(amount), to a thousandth of a decade; NaN without amounts.
    package var logarithmDeviation: Double {
        guard count > 0 else { return .nan }
        let mean = Double(sum) / Double(count)
        let variance = Double(squareSum) / Double(count) - mean * mean
        return max(variance, 0).squareRoot() / Self.stepsPerDecade
    }

    /// The first significant digit of a positive finite amount; nil for any other.
    ///
    /// It is the digit that a person reads: that of the shortest decimal text that stands for the
    /// number, so 0.3, whose binary value is a little less, begins with 3.
    package static func firstDigit(of amount: Double) -> Int? {
        guard amount > 0, amount.isFinite else { return nil }
        if amount < 0x1p53, amount >= 1, amount == amount.rounded(.towardZero) {
            var whole = Int(amount)
            while whole >= 10 { whole /= 10 }
            return whole
        }
        let first = amount.description.utf8.first {
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0)
        }
        return first.map { Int($0 - UInt8(ascii: "0")) }
    }

    private mutating func change(_ amount: Double, by difference: Int) -> Bool {
        guard let digit = Self.firstDigit(of: amount), counts[digit - 1] + difference >= 0 else {
            return false
        }
        // Between -332,000 and 316,000 steps, so the squares stay below 2^37.
        let steps = Int((log10(amount) * Self.stepsPerDecade).rounded())
        counts[digit - 1] += difference
        count += difference
        sum += difference * steps
        squareSum += difference * steps * steps
        return true
    }
}
