// Which tags go together across relationships: pointwise mutual information (K. W. Church, P. Hanks, "Word
// Association Norms, Mutual Information, and Lexicography", Computational Linguistics 16(1), 1990,
// aclanthology.org/J90-1003). With n(t, u) the pairs of neighbours one of whom carries t and the other u,
// counted from both sides, n(t) those whose first carries t, and n all of them:
//
//     fit(t, u) = ln((n(t, u) + 1) / (n(t) n(u) / n + 1))
//
// Different here: words are the tags of the two ends; one is added to what is seen and to what chance lets
// expect, so that pairs which few would make say little; natural logarithms in fixed point.

import Foundation

/// How much oftener than by chance two tags meet across a relationship, for the commonest tags.
///
/// Counts are whole numbers and fits are kept in fixed point, so neither training nor judging depends on
/// the order of anything. Frozen with the model.
package struct TagFits: Sendable, Equatable {
    /// The most different tags; rarer ones say nothing.
    package static let tagCountMax = 512
    /// A tag that fewer entities carry says nothing.
    package static let carrierCountMin = 10
    /// Of an entity with more known tags those with the lowest keys speak.
    static let tagsPerEntityMax = 32
    /// What makes 1.
    static let unit = 65_536.0
    /// Tags do not go together whose mean fit is below this: they meet a tenth less often than by chance.
    static let foreignMax = -0.1

    /// The tags, ascending.
    package private(set) var tags: [UInt64]
    /// The fit of each with each, row by row.
    package private(set) var fits: [Int32]

    /// Fits of these tags; nil unless they ascend and there is one for each pair.
    package init?(tags: [UInt64], fits: [Int32]) {
        guard tags.count <= Self.tagCountMax, fits.count == tags.count * tags.count,
            zip(tags, tags.dropFirst()).allSatisfy({ $0 < $1 }),
            fits.allSatisfy({ $0.magnitude < UInt32(100 * Self.unit) })
        else { return nil }
        self.tags = tags
        self.fits = fits
    }

    /// What the tags of pairs of neighbours teach.
    struct Counts {
        private let tags: [UInt64]
        private var pairs: [Int64]
        private var firsts: [Int64]
        private var total: Int64 = 0

        /// Counts for the commonest of these tags, each with the number of its carriers.
        init(carriers: [UInt64: Int]) {
            tags = carriers.filter { $0.value >= carrierCountMin }
                .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .prefix(tagCountMax).map(\.key).sorted()
            pairs = [Int64](repeating: 0, count: tags.count * tags.count)
            firsts = [Int64](repeating: 0, count: tags.count)
        }

        /// Where each tag has its row.
        var places: [UInt64: Int32] {
            Dictionary(uniqueKeysWithValues: tags.enumerated().map { ($1, Int32($0)) })
        }

        /// Counts one pair of neighbours from both sides.
        mutating func add(_ first: [Int32], _ second: [Int32]) {
            guard !first.isEmpty, !second.isEmpty else { return }
            total += 2
            for tag in first { firsts[Int(tag)] += 1 }
            for tag in second { firsts[Int(tag)] += 1 }
            for tag in first {
                for other in second {
                    pairs[Int(tag) * tags.count + Int(other)] += 1
                    pairs[Int(other) * tags.count + Int(tag)] += 1
                }
            }
        }

        /// The fits; nil without a pair.
        var fits: TagFits? {
            guard total > 0 else { return nil }
            let values = pairs.enumerated().map { place, count in
                let (row, column) = place.quotientAndRemainder(dividingBy: tags.count)
                let expected = Double(firsts[row]) * Double(firsts[column]) / Double(total)
                return Int32((log((Double(count) + 1) / (expected + 1)) * unit).rounded())
            }
            return TagFits(tags: tags, fits: values)
        }
    }
}

/// Fits laid out for judging.
struct ResolvedTagFits: Sendable {
    private let places: [UInt64: Int32]
    private let fits: [Int32]

    init(_ fits: TagFits) {
        places = Dictionary(uniqueKeysWithValues: fits.tags.enumerated().map { ($1, Int32($0)) })
        self.fits = fits.fits
    }

    /// The places of the tags that are known.
    func known(_ tags: [UInt64]) -> [Int32] { Self.known(tags, places) }

    static func known(_ tags: [UInt64], _ places: [UInt64: Int32]) -> [Int32] {
        Array(tags.lazy.compactMap { places[$0] }.prefix(TagFits.tagsPerEntityMax))
    }

    /// The mean fit of all pairs of tags, the same bits in any order; nil where either has none.
    func mean(_ first: [Int32], _ second: [Int32]) -> Double? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        var sum = 0
        for tag in first {
            let row = Int(tag) * places.count
            for other in second { sum += Int(fits[row + Int(other)]) }
        }
        return Double(sum) / TagFits.unit / Double(first.count * second.count)
    }

    /// Whether such tags do not go together; nil where either has none.
    func areForeign(_ first: [Int32], _ second: [Int32]) -> Bool? {
        mean(first, second).map { $0 < TagFits.foreignMax }
    }
}
