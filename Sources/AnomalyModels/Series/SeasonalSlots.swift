/// The values of the last weeks in slots of equal length, to be asked for by how long ago they were.
///
/// Times may be irregular: a value belongs to the nearest multiple of the step since the first one, the
/// last of several in a slot counts, and a slot without one is a gap. O(1) for each value.
struct SeasonalSlots: Sendable, Codable, Equatable {
    /// The length of a slot in seconds.
    let stepSeconds: Double
    private var origin = Double.nan
    private var values: [Double]
    /// The number of the slot whose value each place holds; -1: none yet.
    private var numbers: [Int]

    init(stepSeconds: Double, spanSeconds: Double) {
        precondition(stepSeconds > 0, "A step has a length.")
        self.stepSeconds = stepSeconds
        let count = Int((spanSeconds / stepSeconds).rounded(.up)) + 2
        values = Array(repeating: .nan, count: count)
        numbers = Array(repeating: -1, count: count)
    }

    /// The number of the slot of a time, from 0 for the first time asked.
    mutating func slot(of time: Double) -> Int {
        if origin.isNaN { origin = time }
        // Slot numbers stay exact far beyond any real span; a wild time must not trap.
        return Int(min(max(((time - origin) / stepSeconds).rounded(), 0), 0x1p52))
    }

    mutating func set(_ value: Double, slot: Int) {
        values[slot % values.count] = value
        numbers[slot % values.count] = slot
    }

    /// The value so many seconds before a slot; NaN where there is none.
    func value(secondsAgo: Double, before slot: Int) -> Double {
        let wanted = slot - Int((secondsAgo / stepSeconds).rounded())
        guard wanted >= 0, numbers[wanted % values.count] == wanted else { return .nan }
        return values[wanted % values.count]
    }
}
