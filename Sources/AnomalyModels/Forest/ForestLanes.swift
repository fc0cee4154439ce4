// C. Lucchese et al., "QuickScorer", SIGIR 2015, 10.1145/2766462.2767733, and T. Ye et al.,
// "RapidScorer", KDD 2018, 10.1145/3219819.3219857: a small tree is evaluated faster by comparing at
// all its nodes, many rows at a time and without a branch, than by walking row by row. They keep a
// bit for each leaf; here the number of the reached leaf travels from the leaves to the root: a node
// takes the number that its right child has where the row goes right, else the left one's. Values
// are first replaced by their ranks among the thresholds, one byte each, which decides every
// comparison as the values themselves do.

import ParallelLoops

/// A forest of small trees packed for scoring many rows: 64 rows side by side, a byte for each.
///
/// Trees are taken in groups, so that no column has more than 255 different thresholds in a group;
/// within one the rank of a value is the number of thresholds that it reaches.
struct ForestLanes: Sendable {
    /// The ranks of 32 rows in a column, less 128.
    typealias Ranks = SIMD32<Int8>
    /// The leaf numbers of 32 rows, a byte each.
    ///
    /// Words, as the compiler does bytes' logic one by one.
    typealias Leaves = SIMD4<UInt64>
    /// The number of rows from which packing pays.
    static let rowCountMin = laneCount / 2
    /// The rows that are evaluated side by side: two registers of them.
    static let laneCount = 2 * Ranks.scalarCount
    /// The rows that share one load of the nodes; a multiple of the lanes.
    static let blockRowCount = 4 * laneCount
    /// The most leaves that a tree may have, so that a byte numbers them.
    static let leafCountMax = 256

    /// A node with children, in descending order within its tree: children before their parent.
    struct Split {
        /// Twice the position of the column in its group; one more where missing goes right.
        var rankColumn: UInt32
        /// Where the children's leaf numbers stand: below 256 a leaf's own number, else a split's.
        var left: UInt16
        var right: UInt16
        /// A rank above it goes right.
        var rank: Int8
    }

    /// The thresholds of a column in a group: sorted, then NaN up to a power of two less one.
    struct Column {
        var column: Int
        var thresholds: Range<Int>
    }

    /// Trees that share their ranks.
    struct Group {
        var columns: Range<Int>
        var trees: Range<Int>
    }

    private let groups: [Group]
    private let columns: [Column]
    private let thresholds: [Double]
    /// The splits of all trees and where each tree's begin, as their leaves' values.
    private let splits: [Split]
    private let splitOffsets: [Int]
    private let leafValues: [Double]
    private let leafOffsets: [Int]
    private let groupColumnCountMax: Int

    /// The packed form of validated nodes; nil where a tree has too many leaves.
    init?(_ forest: ForestNodes) {
        var builder = ForestLanesBuilder(forest)
        guard builder.build() else { return nil }
        groups = builder.groups
        columns = builder.columns
        thresholds = builder.thresholds
        splits = builder.splits
        splitOffsets = builder.splitOffsets
        leafValues = builder.leafValues
        leafOffsets = builder.leafOffsets
        groupColumnCountMax = groups.map(\.columns.count).max() ?? 0
    }

    /// Sets `totals` to the sums over all trees of the leaf values of rows that follow each other.
    ///
    /// Each row's values are added in the order of the trees, as a row by itself adds them.
    func sumLeaves(
        _ rows: UnsafePointer<Double>, columnCount: Int,
        to totals: UnsafeMutableBufferPointer<Double>
    ) {
        let work = LaneWork(rankColumnCount: 2 * groupColumnCountMax)
        var start = 0
        while start < totals.count {
            let end = min(start + Self.blockRowCount, totals.count)
            let block = UnsafeMutableBufferPointer(rebasing: totals[start..<end])
            block.update(repeating: 0)
            for group in groups {
                rank(rows + start * columnCount, columnCount, block.count, group, work)
                for tree in group.trees { add(tree, work, to: block) }
            }
            start = end
        }
    }

    /// The ranks of a block's values among a group's thresholds; both sides for missing ones.
    private func rank(
        _ rows: UnsafePointer<Double>, _ columnCount: Int, _ rowCount: Int, _ group: Group,
        _ work: borrowing LaneWork
    ) {
        columns.withUnsafeBufferPointer { columns in
            thresholds.withUnsafeBufferPointer { thresholds in
                var target = UnsafeMutableRawPointer(work.ranks).assumingMemoryBound(to: Int8.self)
                for index in group.columns {
                    let column = columns[index]
                    let own = UnsafeBufferPointer(rebasing: thresholds[column.thresholds])
                    let hasMissing = rankColumn(
                        rows + column.column, columnCount, rowCount, own, target)
                    let second = target + Self.blockRowCount
                    second.update(from: target, count: Self.blockRowCount)
                    if hasMissing {
                        for row in 0..<rowCount where rows[row * columnCount + column.column].isNaN
                        {
                            second[row] = .max
                        }
                    }
                    target = second + Self.blockRowCount
                }
            }
        }
    }

    /// Adds the values of one tree's leaves to the totals of the block's rows.
    private func add(
        _ tree: Int, _ work: borrowing LaneWork, to totals: UnsafeMutableBufferPointer<Double>
    ) {
        splits.withUnsafeBufferPointer { splits in
            leafValues.withUnsafeBufferPointer { leafValues in
                let range = splitOffsets[tree]..<splitOffsets[tree + 1]
                let values = leafValues.baseAddress.unsafelyUnwrapped + leafOffsets[tree]
                let leaves = work.leaves
                // The root is the last split; a tree without splits has its only leaf there.
                let root = range.isEmpty ? 0 : Self.leafCountMax + range.count - 1
                var part = 0
                while part * Self.laneCount < totals.count {
                    let ranks = work.ranks + 2 * part
                    var target = leaves + 2 * Self.leafCountMax
                    for index in range {
                        let split = splits[index]
                        let own = ranks + Int(split.rankColumn) &* (Self.blockRowCount / 32)
                        let left = leaves + 2 * Int(split.left)
                        let right = leaves + 2 * Int(split.right)
                        let rank = Ranks(repeating: split.rank)
                        target[0] = choose(left[0], right[0], own[0] .> rank)
                        target[1] = choose(left[1], right[1], own[1] .> rank)
                        target += 2
                    }
                    let reached = UnsafeRawPointer(leaves + 2 * root)
                    let first = part * Self.laneCount
                    let count = min(Self.laneCount, totals.count - first)
                    for lane in 0..<count {
                        totals[first &+ lane] +=
                            values[Int(reached.load(fromByteOffset: lane, as: UInt8.self))]
                    }
                    part += 1
                }
            }
        }
    }
}

/// The ranks of a column's values among sorted thresholds, less 128; whether a value was missing.
///
/// NaN reaches no threshold. Four searches go side by side to hide the latency of the loads.
func rankColumn(
    _ values: UnsafePointer<Double>, _ stride: Int, _ rowCount: Int,
    _ thresholds: UnsafeBufferPointer<Double>, _ ranks: UnsafeMutablePointer<Int8>
) -> Bool {
    let table = thresholds.baseAddress.unsafelyUnwrapped
    let firstShift = thresholds.count.trailingZeroBitCountOfNext
    var hasMissing = false
    var row = 0
    while row + 4 <= rowCount {
        let value = values + row * stride
        let (v0, v1, v2, v3) = (value[0], value[stride], value[2 * stride], value[3 * stride])
        var (a, b, c, d) = (table, table, table, table)
        var shift = firstShift
        while shift >= 0 {
            let middle = (1 << shift) &- 1
            a += reached(v0, a[middle]) << shift
            b += reached(v1, b[middle]) << shift
            c += reached(v2, c[middle]) << shift
            d += reached(v3, d[middle]) << shift
            shift &-= 1
        }
        ranks[row] = Int8(truncatingIfNeeded: a - table - 128)
        ranks[row + 1] = Int8(truncatingIfNeeded: b - table - 128)
        ranks[row + 2] = Int8(truncatingIfNeeded: c - table - 128)
        ranks[row + 3] = Int8(truncatingIfNeeded: d - table - 128)
        hasMissing = hasMissing || (v0.isNaN || v1.isNaN) || (v2.isNaN || v3.isNaN)
        row += 4
    }
    while row < rowCount {
        let value = values[row * stride]
        var a = table
        var shift = firstShift
        while shift >= 0 {
            a += reached(value, a[(1 << shift) &- 1]) << shift
            shift &-= 1
        }
        ranks[row] = Int8(truncatingIfNeeded: a - table - 128)
        hasMissing = hasMissing || value.isNaN
        row += 1
    }
    return hasMissing
}

@inline(__always)
private func reached(_ value: Double, _ threshold: Double) -> Int {
    value >= threshold ? 1 : 0
}

extension Int {
    /// The exponent of half the power of two that follows.
    fileprivate var trailingZeroBitCountOfNext: Int { (self + 1).trailingZeroBitCount - 1 }
}

/// The right leaf where the row goes right, else the left one.
@inline(__always)
private func choose(
    _ left: ForestLanes.Leaves, _ right: ForestLanes.Leaves,
    _ goesRight: SIMDMask<ForestLanes.Ranks>
) -> ForestLanes.Leaves {
    left ^ ((left ^ right) & unsafeBitCast(goesRight, to: ForestLanes.Leaves.self))
}

/// The working memory of one thread.
private struct LaneWork: ~Copyable {
    /// The leaf numbers by slot: first every leaf's own, then those of a tree's splits.
    private let leafMemory: Scratch<ForestLanes.Leaves>
    private let rankMemory: Scratch<ForestLanes.Ranks>

    init(rankColumnCount: Int) {
        let leafCount = ForestLanes.leafCountMax
        leafMemory = Scratch(uninitializedCount: 2 * 2 * leafCount)
        for leaf in 0..<leafCount {
            let number = ForestLanes.Leaves(repeating: UInt64(leaf) &* 0x0101_0101_0101_0101)
            leafMemory[2 * leaf] = number
            leafMemory[2 * leaf + 1] = number
        }
        // Ranks of lanes without a row decide about no other lane; they only have to be there.
        let width = ForestLanes.blockRowCount / ForestLanes.Ranks.scalarCount
        rankMemory = Scratch(repeating: .zero, count: max(rankColumnCount * width, 1))
    }

    var leaves: UnsafeMutablePointer<ForestLanes.Leaves> {
        leafMemory.buffer.baseAddress.unsafelyUnwrapped
    }
    var ranks: UnsafeMutablePointer<ForestLanes.Ranks> {
        rankMemory.buffer.baseAddress.unsafelyUnwrapped
    }
}
