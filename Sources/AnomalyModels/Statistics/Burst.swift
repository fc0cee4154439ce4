import Foundation

/// The most rows of one entity within any window of time: the score of the burst detector.
///
/// Times fall into buckets (one minute), and a window is so many buckets in a row (120: two hours),
/// so memory is bounded by the window however many rows come. Rows in the order of time give the same
/// count as ``largest(times:windowSeconds:bucketSeconds:)``; a late row counts in the newest window
/// where it still falls into it, and not at all where it is older, so the count is never too high.
package struct Burst: Sendable, Equatable {
    /// The width of a bucket.
    package let bucketSeconds: Double
    /// The buckets of a window.
    package let windowBucketCount: Int
    /// The most rows of any window so far; 0 before the first row.
    package private(set) var largestCount = 0
    /// The rows of the window that ends with the newest bucket.
    package private(set) var currentCount = 0

    /// The buckets of that window that have rows, the oldest first.
    private var buckets: [Int64] = []
    private var counts: [Int] = []

    /// No rows yet.
    package init(windowSeconds: Double = 7_200, bucketSeconds: Double = 60) {
        precondition(
            bucketSeconds > 0 && windowSeconds >= bucketSeconds && windowSeconds.isFinite,
            "A window has a bucket or more.")
        self.bucketSeconds = bucketSeconds
        windowBucketCount = Int((windowSeconds / bucketSeconds).rounded())
    }

    /// Counts a row of the given time, seconds since any fixed instant; NaN is skipped.
    ///
    /// - Returns: The rows of the newest window.
    /// - Complexity: O(buckets in use), at most `windowBucketCount`; O(1) over rows in order.
    @discardableResult
    package mutating func update(time: Double) -> Int {
        guard let bucket = Self.bucket(time, bucketSeconds) else { return currentCount }
        let newest = max(bucket, buckets.last ?? bucket)
        let expiredCount =
            buckets.firstIndex { $0 > newest - Int64(windowBucketCount) } ?? buckets.count
        if expiredCount > 0 {
            currentCount -= counts[..<expiredCount].reduce(0, +)
            buckets.removeFirst(expiredCount)
            counts.removeFirst(expiredCount)
        }
        guard bucket > newest - Int64(windowBucketCount) else { return currentCount }
        let position = (buckets.lastIndex { $0 <= bucket } ?? -1) + 1
        if position > 0, buckets[position - 1] == bucket {
            counts[position - 1] += 1
        } else {
            buckets.insert(bucket, at: position)
            counts.insert(1, at: position)
        }
        currentCount += 1
        largestCount = max(largestCount, currentCount)
        return currentCount
    }

    /// The batch form: the most rows of any window over times in any order.
    ///
    /// - Complexity: O(n log n).
    package static func largest(
        times: [Double], windowSeconds: Double = 7_200, bucketSeconds: Double = 60
    ) -> Int {
        let width = Burst(windowSeconds: windowSeconds, bucketSeconds: bucketSeconds)
            .windowBucketCount
        let ascending = times.compactMap { bucket($0, bucketSeconds) }.sorted()
        var largest = 0
        var first = 0
        for last in ascending.indices {
            while ascending[first] <= ascending[last] - Int64(width) { first += 1 }
            largest = max(largest, last - first + 1)
        }
        return largest
    }

    private static func bucket(_ time: Double, _ width: Double) -> Int64? {
        let bucket = (time / width).rounded(.down)
        // NaN fails the comparison; beyond it a window's difference could overflow.
        return abs(bucket) < 0x1p53 ? Int64(bucket) : nil
    }
}
