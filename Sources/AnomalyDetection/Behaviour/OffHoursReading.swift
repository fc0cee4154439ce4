// Scan: of several windows and several sets of quiet hours the most surprising count speaks, and their
// number is paid for (C. E. Bonferroni, "Teoria statistica delle classi e calcolo delle probabilita",
// 1936). The tail of a count whose rate is itself an estimate is that of the beta-binomial
// distribution (J. G. Skellam, "A Probability Distribution Derived from the Binomial Distribution by
// Regarding the Probability of Success as Variable between the Sets of Trials", JRSS B 10(2), 1948,
// 10.1111/j.2517-6161.1948.tb00014.x): who is hardly known surprises little. Different here: what is
// counted are clock hours with activity, so that many rows of one hour are one fact.

import Foundation

/// How unusual the hours are at which an entity has lately been active.
package struct OffHoursReading: Sendable, Equatable {
    /// So many buckets back the windows that are looked at begin; what lies before all of them is the past.
    static let windows = [1.0, 4, 14]
    /// The quiet hours are the quietest that together have at most these shares of its activity.
    static let quietShares = [0.02, 0.05, 0.1, 0.2]

    /// -log10 of the probability of so many active hours among the quiet ones, times the number of places
    /// looked at; below 0 where nothing is unusual.
    package var surprise: Double
    /// Where the window of the largest surprise begins.
    package var since: Double
    /// Hours with activity in it.
    package var eventCount: Int
    /// How many of them are quiet hours, and how many were to be expected.
    package var unusualCount: Int
    package var expectedCount: Double
    /// The least usual hour of the week among them.
    package var worstSlot: UInt8
    /// The share of its activity that usually falls into the quiet hours.
    package var quietShare: Double

    /// Reads the hours since 1970 that had activity in the newest buckets; nil where they are too few.
    ///
    /// `knownCount` is how many active hours the profile rests on; windows with fewer than `countMin`
    /// say nothing.
    /// - Complexity: O(windows · quiet shares · active hours)
    init?(
        recent: [Int], profile: HourProfile, knownCount: Double, asOf: Double,
        bucketSeconds: Double, countMin: Int
    ) {
        let order = profile.shares.indices.sorted {
            (profile.shares[$0], $0) < (profile.shares[$1], $1)
        }
        var best: Self?
        var looks = 0
        for buckets in Self.windows {
            let since = asOf - buckets * bucketSeconds
            var counts = [Int](repeating: 0, count: HourProfile.slotCount)
            var eventCount = 0
            for hour in recent where Double(hour + 1) * 3600 > since {
                counts[Int(HourProfile.slot(ofHour: hour))] += 1
                eventCount += 1
            }
            guard eventCount >= max(1, countMin) else { continue }
            var (place, share, unusual) = (0, 0.0, 0)
            var worst: Int?
            for limit in Self.quietShares {
                while place < order.count, share + profile.shares[order[place]] <= limit {
                    share += profile.shares[order[place]]
                    unusual += counts[order[place]]
                    if worst == nil, counts[order[place]] > 0 { worst = order[place] }
                    place += 1
                }
                guard place > 0 else { continue }
                looks += 1
                let tail = Self.tail(
                    unusual, of: eventCount, share: share, knownCount: knownCount)
                let surprise = -log10(max(tail, .leastNormalMagnitude))
                guard best == nil || surprise > best?.surprise ?? 0 else { continue }
                best = Self(
                    surprise: surprise, since: since, eventCount: eventCount,
                    unusualCount: unusual, expectedCount: share * Double(eventCount),
                    worstSlot: UInt8(worst ?? order[0]), quietShare: share)
            }
        }
        guard var best else { return nil }
        best.surprise -= log10(Double(looks))
        self = best
    }

    private init(
        surprise: Double, since: Double, eventCount: Int, unusualCount: Int, expectedCount: Double,
        worstSlot: UInt8, quietShare: Double
    ) {
        self.surprise = surprise
        self.since = since
        self.eventCount = eventCount
        self.unusualCount = unusualCount
        self.expectedCount = expectedCount
        self.worstSlot = worstSlot
        self.quietShare = quietShare
    }

    /// The probability of at least `count` of `total`, where a share is known from `knownCount` others.
    ///
    /// - Complexity: O(total)
    static func tail(
        _ count: Int, of total: Int, share: Double, knownCount: Double
    ) -> Double {
        guard count > 0 else { return 1 }
        let (hits, misses) = (share * knownCount, (1 - share) * knownCount)
        var probability = 1.0
        for place in 0..<total {
            probability *= (misses + Double(place)) / (knownCount + Double(place))
        }
        var sum = 0.0
        for place in 0...total {
            if place >= count { sum += probability }
            guard place < total else { break }
            probability *=
                Double(total - place) / Double(place + 1) * (hits + Double(place))
                / (misses + Double(total - place - 1))
        }
        return min(1, sum)
    }
}
