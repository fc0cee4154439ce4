// Exact sums: J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric
// predicates", Discrete & Computational Geometry 18 (1997), doi:10.1007/PL00009321.
//
// The sum so far is kept as a few numbers that do not overlap, of growing size; adding a number passes
// it through them and keeps each rounding error. Their sum is exact, so the number that it is rounded
// to at the end does not depend on the order.

/// A sum of finite numbers that is rounded once, at its end.
///
/// Infinite numbers and sums beyond the largest number give infinity or NaN, as they do elsewhere.
package struct ExactSum: Sendable {
    private var parts: [Double] = []
    private var special = 0.0

    /// The empty sum, 0.
    package init() {}

    /// Adds a number.
    /// - Complexity: O(parts), of which there are mostly one or two.
    package mutating func add(_ number: Double) {
        guard number.isFinite else {
            special += number
            return
        }
        var carry = number
        var kept = 0
        for place in parts.indices {
            var large = carry
            var small = parts[place]
            if abs(large) < abs(small) { swap(&large, &small) }
            let sum = large + small
            guard sum.isFinite else {
                special += sum
                return
            }
            let lost = small - (sum - large)
            if lost != 0 {
                parts[kept] = lost
                kept += 1
            }
            carry = sum
        }
        parts.removeLast(parts.count - kept)
        parts.append(carry)
    }

    /// The sum, rounded to the nearest number.
    package var value: Double {
        if special != 0 || special.isNaN { return special }
        guard var sum = parts.last else { return 0 }
        var place = parts.count - 2
        var lost = 0.0
        while place >= 0 {
            let before = sum
            sum = before + parts[place]
            lost = parts[place] - (sum - before)
            place -= 1
            if lost != 0 { break }
        }
        // Half a unit is rounded to even above; a further part of the same sign tips it.
        if place >= 0, (lost < 0 && parts[place] < 0) || (lost > 0 && parts[place] > 0) {
            let twice = lost * 2
            let further = sum + twice
            if twice == further - sum { sum = further }
        }
        return sum
    }
}
