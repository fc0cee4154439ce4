/// Buckets of tokens: who has used up theirs waits.
actor RateLimiter {
    private struct Bucket {
        var level: Double
        var at: ContinuousClock.Instant
    }

    private let perSecond: Double
    private let capacity: Double
    private var buckets: [String: Bucket] = [:]

    private static let bucketCountMax = 10_000

    /// So many requests a second for each key, and as many at once as the burst.
    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        capacity = burst
    }

    /// Takes one; nil where there was one, else the seconds until there is.
    func take(_ key: String, at now: ContinuousClock.Instant = .now) -> Double? {
        if buckets.count >= Self.bucketCountMax {
            buckets = buckets.filter { level(of: $0.value, at: now) < capacity }
        }
        var left = buckets[key].map { level(of: $0, at: now) } ?? capacity
        guard left >= 1 else { return (1 - left) / perSecond }
        left -= 1
        buckets[key] = Bucket(level: left, at: now)
        return nil
    }

    /// Whether there would be one, without taking it.
    func hasRoom(_ key: String, at now: ContinuousClock.Instant = .now) -> Bool {
        (buckets[key].map { level(of: $0, at: now) } ?? capacity) >= 1
    }

    private func level(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        min(capacity, bucket.level + (now - bucket.at) / .seconds(1) * perSecond)
    }
}
