// The number of distinct names in constant memory: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier,
// "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", AofA (2007),
// doi:10.46298/dmtcs.3545.
//
// A register for each of 2^14 classes of hashes keeps the longest run of zeros seen; the harmonic mean
// of the registers gives the count within 1.04 / sqrt(2^14) = 0.8 % (one standard deviation). Small
// counts, where registers are still empty, are told by the share of empty ones, as in the paper.

import Foundation

/// Counts the rows and the distinct names of an edge list without keeping them.
struct EdgeSketch: EdgeSink {
    private(set) var rowCount = 0
    private var registers = [UInt8](repeating: 0, count: 1 << precision)

    private static let precision = 14

    mutating func add(
        _ source: EdgeEnd, _ target: EdgeEnd, weight: Double, _ bytes: UnsafePointer<UInt8>
    ) -> (column: EdgeColumn, reason: String)? {
        rowCount += 1
        for end in [source, target] {
            note(hashed(UnsafeBufferPointer(start: bytes + end.start, count: end.count), seed: 1))
        }
        return nil
    }

    private mutating func note(_ hash: UInt64) {
        let register = Int(hash >> UInt64(64 - Self.precision))
        let rest = hash << UInt64(Self.precision) | 1 << UInt64(Self.precision - 1)
        registers[register] = max(registers[register], UInt8(rest.leadingZeroBitCount + 1))
    }

    /// About how many names were different.
    var nodeCount: Int {
        let count = Double(registers.count)
        var sum = 0.0
        var emptyCount = 0
        for register in registers {
            sum += 1 / Double(1 << UInt64(register))
            if register == 0 { emptyCount += 1 }
        }
        let estimate = 0.7213 / (1 + 1.079 / count) * count * count / sum
        guard estimate <= 2.5 * count, emptyCount > 0 else { return Int(estimate.rounded()) }
        return Int((count * log(count / Double(emptyCount))).rounded())
    }
}
