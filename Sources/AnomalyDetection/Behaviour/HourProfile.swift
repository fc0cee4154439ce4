/// When in the week an entity, or a type of entities, is active: a share for each of 168 hours.
enum HourProfile {
    /// The hours of a week.
    static let slotCount = 168

    /// The hour of the week, from 0 on; 0 is Thursday 00:00 to 01:00 UTC, as 1970 began.
    static func slot(of time: Double) -> UInt8 {
        let hour = (time / 3600).rounded(.down)
        guard abs(hour) < 0x1p40 else { return 0 }
        let slot = Int(hour) % slotCount
        return UInt8(slot < 0 ? slot + slotCount : slot)
    }
}
