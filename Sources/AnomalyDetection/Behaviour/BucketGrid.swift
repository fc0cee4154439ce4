/// Time cut into buckets of equal length that begin at 1970-01-01 UTC.
///
/// The grid is fixed instead of ending at the time of judgement: the numbers of a past bucket never
/// change with the time from which it is seen, so they can be kept, weekdays stay apart, and two
/// judgements tell of the same days. The price is that the newest bucket is not over yet.
struct BucketGrid: Sendable, Equatable {
    /// The length of a bucket.
    let seconds: Double

    /// Buckets of this length, a minute at least.
    init(seconds: Double) { self.seconds = seconds >= 60 ? seconds : 60 }

    /// The number of the bucket that a time lies in; nil for times without a number or far off.
    func bucket(of time: Double) -> Int? {
        let number = (time / seconds).rounded(.down)
        return abs(number) < 0x1p40 ? Int(number) : nil
    }

    /// When a bucket begins.
    func start(of bucket: Int) -> Double { Double(bucket) * seconds }

    /// How many buckets make a week; nil where a week is no whole number of them.
    var bucketsPerWeek: Int? {
        let count = 7 * AnomalyDetector.secondsPerDay / seconds
        return count >= 1 && count == count.rounded() && count < 0x1p20 ? Int(count) : nil
    }
}
