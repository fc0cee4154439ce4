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
        slot(ofHour: ActiveHours.hour(of: time) ?? 0)
    }

    /// The hour of the week of an hour since 1970.
    static func slot(ofHour hour: Int) -> UInt8 {
        let slot = hour % slotCount
        return UInt8(slot < 0 ? slot + slotCount : slot)
    }

    /// A profile of weighted events, drawn towards this one.
    ///
    /// First the hours of the day, as ``smoothed(by:)`` has them; then the hours of the week, drawn
    /// towards those by ``priorCount`` events, for which some hundred events are needed.
    package func drawn(by counts: [Double]) -> HourProfile {
        let total = counts.reduce(0, +)
        guard total > 0 else { return self }
        let hours = smoothed(by: counts).shares
        return HourProfile(
            shares: (0..<Self.slotCount).map { slot in
                Self.possible(
                    (counts[slot] + Self.priorCount * hours[slot]) / (total + Self.priorCount))
            })
    }

    /// The hours of the day of some dozen events, drawn towards this profile by ``priorCount`` of its own.
    ///
    /// Apart for the five weekdays and the weekend, each smoothed with the hours beside it (half and two
    /// quarters). Within the hour of the day, days are as this profile has them.
    func smoothed(by counts: [Double]) -> HourProfile {
        let total = counts.reduce(0, +)
        guard total > 0 else { return self }
        var hours = [Double](repeating: 0, count: 48)
        var typical = [Double](repeating: 0, count: 48)
        for slot in 0..<Self.slotCount {
            let place = Self.dayHour(slot)
            hours[place] += counts[slot]
            typical[place] += shares[slot]
        }
        return HourProfile(
            shares: (0..<Self.slotCount).map { slot in
                let place = Self.dayHour(slot)
                let first = place / 24 * 24
                let before = first + (place + 23) % 24
                let after = first + (place + 1) % 24
                let smooth = hours[place] / 2 + (hours[before] + hours[after]) / 4
                return Self.possible(
                    (smooth + Self.priorCount * typical[place]) / (total + Self.priorCount)
                        * (shares[slot] / typical[place]))
            })
    }

    /// A share with its part of what is spread evenly.
    private static func possible(_ share: Double) -> Double {
        (1 - evenShare) * share + evenShare / Double(slotCount)
    }

    /// The hour of the day of a slot, those of Saturday and Sunday 24 higher.
    private static func dayHour(_ slot: Int) -> Int {
        let day = slot / 24
        return slot % 24 + (day == 2 || day == 3 ? 24 : 0)
    }
}
