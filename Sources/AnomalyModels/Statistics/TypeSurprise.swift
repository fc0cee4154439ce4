import Foundation

/// How unusual a relationship's type is between entities of two types, in bits.
///
/// s = -log2 P(type | source type, target type), P = (rows of the type + 1) / (rows of the pair + types),
/// where the types are those seen anywhere and one that was never seen. Counts only: the batch form
/// is the same for any order of the rows.
package struct TypeSurprise: Sendable {
    /// The fewest rows between two types; with fewer the detector is silent about them.
    package static let pairCountMin = 30

    /// The types of a relationship and of its ends.
    package struct Triple: Hashable, Sendable {
        /// The relationship's type.
        package var type: Int32
        /// The types of its ends.
        package var source, target: Int32

        /// A triple of these types.
        package init(type: Int32, source: Int32, target: Int32) {
            self.type = type
            self.source = source
            self.target = target
        }

        fileprivate var pair: SIMD2<Int32> { SIMD2(source, target) }
    }

    private var triples: [Triple: Int] = [:]
    private var pairs: [SIMD2<Int32>: Int] = [:]
    private var types: [Int32: Int] = [:]

    /// No rows yet.
    package init() {}

    /// Counts a row, or so many equal ones.
    package mutating func add(_ triple: Triple, count: Int = 1) {
        triples[triple, default: 0] += count
        pairs[triple.pair, default: 0] += count
        types[triple.type, default: 0] += count
    }

    /// Takes a row back that was counted.
    package mutating func remove(_ triple: Triple) {
        guard let count = triples[triple], let pair = pairs[triple.pair],
            let type = types[triple.type]
        else { return }
        triples[triple] = count > 1 ? count - 1 : nil
        pairs[triple.pair] = pair > 1 ? pair - 1 : nil
        types[triple.type] = type > 1 ? type - 1 : nil
    }

    /// The surprise in bits against all rows counted; NaN where the pair has too few.
    package func score(_ triple: Triple) -> Double {
        rowCount(betweenTypesOf: triple) >= Self.pairCountMin ? surprise(triple) : .nan
    }

    /// The surprise in bits, however few rows the pair has.
    package func surprise(_ triple: Triple) -> Double {
        let seen = Double(rowCount(of: triple) + 1)
        return -log2(seen / Double(rowCount(betweenTypesOf: triple) + types.count + 1))
    }

    /// How many rows of this type join entities of these types.
    package func rowCount(of triple: Triple) -> Int { triples[triple] ?? 0 }

    /// How many rows of any type join entities of these types.
    package func rowCount(betweenTypesOf triple: Triple) -> Int { pairs[triple.pair] ?? 0 }

    /// The batch form: the surprise of each row against all rows, itself among them.
    package static func scores(_ rows: [Triple]) -> [Double] {
        var counts = TypeSurprise()
        for row in rows { counts.add(row) }
        return rows.map(counts.score)
    }
}
