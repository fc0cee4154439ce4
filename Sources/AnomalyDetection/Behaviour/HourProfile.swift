import Foundation

/// When in the week a type of entities is active: a share for each of 168 hours, all above 0.
package struct HourProfile: Sendable, Equatable {
    /// The hours of a week.
    package static let slotCount = 168
    /// So much of every profile is spread evenly: no hour is impossible.
    static let evenShare = 0.01
    /// So many events are taken from outside before own ones outweigh them.
    static let priorCount = 24.0

    /// The shares; their sum is 1.
    package let shares: [Double]

    /// Every hour alike.
    package static let uniform = HourProfile(
        shares: [Double](repeating: 1 / Double(slotCount), count: slotCount))

    /// A profile of these shares; nil unless there are 168 finite ones above 0.
    package init?(validating shares: [Double]) {
        guard shares.count == Self.slotCount, shares.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            return nil
        }
        self.init(shares: shares)
    }

    private init(shares: [Double]) { self.shares = shares }

    /// The hour of the week, from 0 on; 0 is Thursday 00:00 to 01:00 UTC, as 1970 began.
    package static func slot(of time: Double) -> UInt8 {
        let hour = (time / 3600).rounded(.down)
        guard abs(hour) < 0x1p40 else { return 0 }
        let slot = Int(hour) % slotCount
        return UInt8(slot < 0 ? slot + slotCount : slot)
    }

    /// A profile of weighted events, drawn towards this one.
    ///
    /// First the hours of the day, apart for the five weekdays and the weekend, each smoothed with the
    /// hours beside it (half and two quarters); then the hours of the week, drawn towards those. So
    /// some dozen events tell when somebody works, and some hundred on which day. Each step counts
    /// ``priorCount`` events from the one before.
    package func drawn(by counts: [Double]) -> HourProfile {
        let total = counts.reduce(0, +)
        guard total > 0 else { return self }
        var hours = [Double](repeating: 0, count: 48)
        var typical = [Double](repeating: 0, count: 48)
        for slot in 0..<Self.slotCount {
            let place = Self.dayHour(slot)
            hours[place] += counts[slot]
            typical[place] += shares[slot]
        }
        let ownWeight = 1 / (total + Self.priorCount)
        return HourProfile(
            shares: (0..<Self.slotCount).map { slot in
                let place = Self.dayHour(slot)
                let first = place / 24 * 24
                let before = first + (place + 23) % 24
                let after = first + (place + 1) % 24
                let smooth = hours[place] / 2 + (hours[before] + hours[after]) / 4
                // Within the hour of the day, days are as the type has them.
                let share =
                    (smooth + Self.priorCount * typical[place]) * ownWeight
                    * (shares[slot] / typical[place])
                let drawn = (counts[slot] + Self.priorCount * share) * ownWeight
                return (1 - Self.evenShare) * drawn + Self.evenShare / Double(Self.slotCount)
            })
    }

    /// The hour of the day of a slot, those of Saturday and Sunday 24 higher.
    private static func dayHour(_ slot: Int) -> Int {
        let day = slot / 24
        return slot % 24 + (day == 2 || day == 3 ? 24 : 0)
    }
}

/// How unusual the hours of the newest events are.
package struct OffHoursReading: Sendable, Equatable {
    /// The mean over them of log2(1 / (168 · share)): 0 if every hour were alike, 3 where the hour
    /// has an eighth of that.
    package var surprise: Double
    /// How many there are.
    package var eventCount: Int
    /// How many of them fell into hours with less than a quarter of an even share.
    package var unusualCount: Int
    /// The least usual hour of the week among them.
    package var worstSlot: UInt8
    /// The share of that hour.
    package var worstShare: Double

    init(recent: [UInt8], profile: HourProfile) {
        var counts: [UInt8: Int] = [:]
        for slot in recent { counts[slot, default: 0] += 1 }
        var sum = 0.0
        var worst = (slot: UInt8(0), share: Double.infinity)
        var unusual = 0
        for (slot, count) in counts.sorted(by: { $0.key < $1.key }) {
            let share = profile.shares[Int(slot)]
            sum -= Double(count) * log2(Double(HourProfile.slotCount) * share)
            if share < worst.share { worst = (slot, share) }
            if 4 * share * Double(HourProfile.slotCount) < 1 { unusual += count }
        }
        surprise = sum / Double(recent.count)
        eventCount = recent.count
        worstSlot = worst.slot
        worstShare = worst.share
        unusualCount = unusual
    }
}
