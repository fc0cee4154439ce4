import Foundation

/// Entities of one type live by one rhythm, but in several places of the world, and some at night.
extension HourProfile {
    /// The hours by which one rhythm may lie earlier or later than another.
    private static let shifts = Array(-12..<12)
    /// So many active hours tell when an entity's day is.
    package static let placedCountMin = 8.0
    /// How often the rhythm of a type is made anew with each entity put where it fits best.
    private static let roundCount = 2

    /// The rhythm that is common to some entities, each given by how often it was active in each hour of
    /// the week, wherever their days lie; its own place in the day means nothing.
    ///
    /// First each entity's mean hour is moved to the same hour, then each to where it is most likely.
    /// - Complexity: O(entities · 24 · hours in which each is active)
    package static func rhythm(ofAll entities: [[Double]], from prior: HourProfile) -> HourProfile {
        var places = entities.map(meanHour(of:))
        var profile = prior
        for round in 0...roundCount {
            if round > 0 {
                let logarithms = profile.shares.map { log($0) }
                places = entities.map { counts in
                    let fits = likelihoods(counts, logarithms)
                    let best = fits.indices.max { (fits[$0], -$0) < (fits[$1], -$1) } ?? 0
                    return shifts[best]
                }
            }
            var sum = [Double](repeating: 0, count: slotCount)
            for (counts, place) in zip(entities, places) {
                for slot in counts.indices where counts[slot] > 0 {
                    sum[moved(slot, by: -place)] += counts[slot]
                }
            }
            profile = prior.drawn(by: sum)
        }
        return profile
    }

    /// This rhythm as it lies for an entity, by the hours in which it was active: the mean over all places
    /// in the day and over no rhythm at all, each by how well it tells those hours.
    /// - Complexity: O(24 · slots)
    func placed(by counts: [Double]) -> HourProfile {
        let total = counts.reduce(0, +)
        var fits = Self.likelihoods(counts, shares.map { log($0) })
        fits.append(-total * log(Double(Self.slotCount)))
        let best = fits.max() ?? 0
        let likely = fits.map { exp($0 - best) }
        let weights = likely.map { $0 > 1e-6 ? $0 : 0 }
        let sum = weights.reduce(0, +)
        let even = weights[Self.shifts.count] / sum / Double(Self.slotCount)
        var mixed = [Double](repeating: even, count: Self.slotCount)
        for (shift, weight) in zip(Self.shifts, weights) where weight > 0 {
            for slot in mixed.indices {
                mixed[Self.moved(slot, by: shift)] += shares[slot] * weight / sum
            }
        }
        return HourProfile(validating: mixed) ?? self
    }

    /// The logarithm of the likelihood of some hours for each shift of a profile.
    private static func likelihoods(_ counts: [Double], _ logarithms: [Double]) -> [Double] {
        let active = counts.indices.filter { counts[$0] > 0 }
        return shifts.map { shift in
            active.reduce(0) { $0 + counts[$1] * logarithms[moved($1, by: -shift)] }
        }
    }

    /// How many hours after midday the middle of an entity's day lies, on the circle of the hours of a day.
    private static func meanHour(of counts: [Double]) -> Int {
        var (x, y) = (0.0, 0.0)
        for slot in counts.indices where counts[slot] > 0 {
            let angle = 2 * Double.pi * Double(slot % 24) / 24
            x += counts[slot] * cos(angle)
            y += counts[slot] * sin(angle)
        }
        let hour = Int((atan2(y, x) * 12 / .pi).rounded())
        let shift = hour - 12
        return shift < -12 ? shift + 24 : (shift > 11 ? shift - 24 : shift)
    }

    private static func moved(_ slot: Int, by hours: Int) -> Int {
        (slot + hours + slotCount) % slotCount
    }
}
