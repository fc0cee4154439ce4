// B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 13(7), 1970,
// 10.1145/362686.362692, with all bits of a pair in one cache line (F. Putze, P. Sanders, J. Singler,
// "Cache-, Hash-, and Space-Efficient Bloom Filters", ACM JEA 14, 2010, 10.1145/1498698.1594230), and
// two generations, so that old pairs leave.

/// The pairs that were seen, in fixed memory, with errors on one side.
///
/// A seen pair is known; a new one passes for seen in about 2 % of the cases at the most, when a
/// generation is full (one pair in ten bits, five bits a pair, two generations looked at). A full
/// generation becomes the older one and the one before it is forgotten, so that a pair is known for at
/// least as long as it takes to see `pairCountMax` others, and longer while it recurs.
struct PairFilter: Sendable, Equatable {
    /// The bits of a block, one cache line.
    private static let blockBitCount = 512
    private static let bitsForPair = 5

    private(set) var words: [UInt64]
    private(set) var previousWords: [UInt64]
    private(set) var pairCount: Int

    /// A filter of two generations of `bitCount` bits, a multiple of 512.
    init(bitCount: Int) {
        words = [UInt64](repeating: 0, count: bitCount / 64)
        previousWords = words
        pairCount = 0
    }

    /// A filter of words read from elsewhere; nil where their number is wrong.
    init?(words: [UInt64], previousWords: [UInt64], pairCount: Int, bitCount: Int) {
        guard words.count == bitCount / 64, previousWords.count == words.count,
            (0...bitCount / 10).contains(pairCount)
        else { return nil }
        self.words = words
        self.previousWords = previousWords
        self.pairCount = pairCount
    }

    /// The pairs that a generation takes.
    var pairCountMax: Int { words.count * 64 / 10 }

    /// The memory of both generations.
    var byteCount: Int { (words.count + previousWords.count) * MemoryLayout<UInt64>.stride }

    /// Reads the pair's blocks; the result means nothing.
    @inline(__always)
    func touch(_ hash: UInt64) -> UInt64 {
        let block = block(of: hash)
        return words[block] &+ previousWords[block]
    }

    /// Notes a pair; true where it was surely not seen before.
    @inline(__always)
    mutating func insert(_ hash: UInt64) -> Bool {
        let block = block(of: hash)
        // The low bits have no part in the block's choice; nine of them place each bit.
        var isKnown = true
        var wasKnown = true
        for place in 0..<Self.bitsForPair {
            let bit = Int(truncatingIfNeeded: hash >> UInt64(place &* 9)) & (Self.blockBitCount - 1)
            let mask: UInt64 = 1 << UInt64(bit & 63)
            let index = block &+ (bit >> 6)
            isKnown = isKnown && words[index] & mask != 0
            wasKnown = wasKnown && previousWords[index] & mask != 0
            words[index] |= mask
        }
        guard !isKnown else { return false }
        pairCount &+= 1
        if pairCount >= pairCountMax {
            swap(&words, &previousWords)
            words.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
            pairCount = 0
        }
        return !wasKnown
    }

    /// The first word of the pair's block of eight.
    @inline(__always)
    private func block(of hash: UInt64) -> Int {
        let blockCount = UInt64(words.count / 8)
        return Int(truncatingIfNeeded: hash.multipliedFullWidth(by: blockCount).high) &* 8
    }
}
