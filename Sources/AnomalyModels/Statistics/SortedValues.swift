/// A multiset of finite numbers in ascending order, from which numbers may be taken again.
///
/// Blocks of at most `blockCountMax` numbers, each sorted and all in order. A change moves numbers of
/// one block only; nothing is approximate, so order statistics are those of the sorted array.
package struct SortedValues: Sendable {
    /// The most numbers of a block; one that grows beyond it is split.
    static let blockCountMax = 512

    /// The number of values.
    package private(set) var count = 0
    private var blocks: [[Double]] = []

    /// An empty multiset.
    package init() {}

    /// The finite ones among the given values.
    ///
    /// - Complexity: O(n log n).
    package init(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).map { $0 + 0 }.sorted()
        count = sorted.count
        blocks = stride(from: 0, to: sorted.count, by: Self.blockCountMax / 2).map {
            Array(sorted[$0..<min($0 + Self.blockCountMax / 2, sorted.count)])
        }
    }

    /// Adds a value; one that is not finite is a missing one and stays out.
    ///
    /// - Returns: False where the value stayed out.
    /// - Complexity: O(log n + block size).
    @discardableResult
    package mutating func insert(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        // Zero has one sign here, so that equal values have equal bits.
        let value = value + 0
        count += 1
        guard !blocks.isEmpty else {
            blocks = [[value]]
            return true
        }
        let block = min(blockIndex(of: value), blocks.count - 1)
        blocks[block].insert(value, at: Self.lowerBound(value, blocks[block]))
        if blocks[block].count > Self.blockCountMax {
            let half = blocks[block].count / 2
            let upper = Array(blocks[block][half...])
            blocks[block].removeSubrange(half...)
            blocks.insert(upper, at: block + 1)
        }
        return true
    }

    /// Takes one value out again.
    ///
    /// - Returns: False where no such value is there.
    /// - Complexity: O(log n + block size).
    @discardableResult
    package mutating func remove(_ value: Double) -> Bool {
        let value = value + 0
        let block = blockIndex(of: value)
        guard value.isFinite, block < blocks.count else { return false }
        let position = Self.lowerBound(value, blocks[block])
        guard blocks[block][position] == value else { return false }
        blocks[block].remove(at: position)
        count -= 1
        mergeIfSmall(block)
        return true
    }

    /// How many values are at or below `limit`.
    ///
    /// - Complexity: O(n / block size + log n).
    package func count(through limit: Double) -> Int {
        guard !limit.isNaN else { return 0 }
        // The first block that may hold a value above the limit.
        var lower = 0
        var upper = blocks.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if blocks[middle][blocks[middle].count - 1] <= limit {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        guard lower < blocks.count else { return count }
        let before = blocks[..<lower].reduce(0) { $0 + $1.count }
        return before + Self.lowerBound(limit.nextUp, blocks[lower])
    }

    /// All values in ascending order.
    package var values: [Double] { Array(blocks.joined()) }

    /// Location and spread; the same bits as ``PeerSummary/init(of:)`` gives for the same values.
    ///
    /// - Complexity: O(n / block size + log² n); O(n) where more than half of the values are equal.
    package func summary() -> PeerSummary {
        guard count > 0 else { return PeerSummary(of: []) }
        let order = OrderStatistics(blocks)
        let median = Self.middle(count) { order[$0] }
        // The distances below the median fall with the position, those above it rise: two sorted
        // sequences, of which the middle of both together is wanted.
        let split = order.upperBound(median)
        let deviation = Self.middle(count) { rank in
            Self.select(
                rank, firstCount: split, { median - order[split - 1 - $0] },
                secondCount: count - split, { order[split + $0] - median })
        }
        return PeerSummary(
            count: count, median: median, medianAbsoluteDeviation: deviation,
            meanAbsoluteDeviation: deviation > 0
                ? .nan : PeerSummary.meanDistance(blocks.joined(), from: median))
    }

    /// The middle of `count` ranked values, or the mean of the two in the middle.
    private static func middle(_ count: Int, _ value: (Int) -> Double) -> Double {
        let lower = (count - 1) / 2
        return count % 2 == 1 ? value(lower) : value(lower) * 0.5 + value(lower + 1) * 0.5
    }

    /// The value of rank `rank`, from 0, of two ascending sequences together.
    private static func select(
        _ rank: Int, firstCount: Int, _ first: (Int) -> Double, secondCount: Int,
        _ second: (Int) -> Double
    ) -> Double {
        // So many of the smaller values come from the first sequence.
        var lower = max(0, rank - secondCount)
        var upper = min(rank, firstCount)
        while lower < upper {
            let taken = (lower + upper) / 2
            let other = rank - taken
            if other > 0, taken < firstCount, second(other - 1) > first(taken) {
                lower = taken + 1
            } else {
                upper = taken
            }
        }
        let candidates = (
            lower < firstCount ? first(lower) : .infinity,
            rank - lower < secondCount ? second(rank - lower) : .infinity
        )
        return min(candidates.0, candidates.1)
    }

    private mutating func mergeIfSmall(_ block: Int) {
        guard blocks[block].count < Self.blockCountMax / 4 else { return }
        let neighbour = block + 1 < blocks.count ? block : block - 1
        if neighbour >= 0, neighbour + 1 < blocks.count {
            let both = blocks[neighbour].count + blocks[neighbour + 1].count
            guard both <= Self.blockCountMax / 2 || blocks[block].isEmpty else { return }
            blocks[neighbour].append(contentsOf: blocks[neighbour + 1])
            blocks.remove(at: neighbour + 1)
        } else if blocks[block].isEmpty {
            blocks.remove(at: block)
        }
    }

    /// The first block whose last value is not below `value`; the number of blocks where none is.
    private func blockIndex(of value: Double) -> Int {
        var lower = 0
        var upper = blocks.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if blocks[middle][blocks[middle].count - 1] < value {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        return lower
    }

    private static func lowerBound(_ value: Double, _ sorted: [Double]) -> Int {
        var lower = 0
        var upper = sorted.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if sorted[middle] < value { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}

/// Values by rank over blocks.
private struct OrderStatistics {
    private let blocks: [[Double]]
    /// The rank of each block's first value.
    private var starts: [Int] = []

    init(_ blocks: [[Double]]) {
        self.blocks = blocks
        var start = 0
        for block in blocks {
            starts.append(start)
            start += block.count
        }
    }

    subscript(rank: Int) -> Double {
        var lower = 0
        var upper = starts.count
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if starts[middle] <= rank { lower = middle } else { upper = middle }
        }
        return blocks[lower][rank - starts[lower]]
    }

    /// The number of values that are at most `value`, which is not below the smallest.
    func upperBound(_ value: Double) -> Int {
        guard let block = blocks.lastIndex(where: { $0[0] <= value }) else { return 0 }
        let after = blocks[block].firstIndex { $0 > value } ?? blocks[block].count
        return starts[block] + after
    }
}
