/// The values of the last weeks in slots of equal length, to be asked for by how long ago they were.
///
/// Times may be irregular: a value belongs to the nearest multiple of the step since the first one, the
/// last of several in a slot counts, and a slot without one is a gap. O(1) for each value.
struct SeasonalSlots: Sendable, Codable, Equatable {
    private let stepSeconds: Double
    /// The first time asked for; slot 0.
    private var origin: Double?
    private var values: [Double]
    /// The number of the slot whose value each place holds; -1: none yet.
    private var numbers: [Int]

    init(stepSeconds: Double, spanSeconds: Double) {
        self.stepSeconds = stepSeconds
        let count = Int((spanSeconds / stepSeconds).rounded(.up)) + 2
        values = Array(repeating: 0, count: count)
        numbers = Array(repeating: -1, count: count)
    }

    /// The number of the slot of a time.
    ///
    /// Times before the first one belong to its slot.
    mutating func slot(of time: Double) -> Int {
        let first = origin ?? time
        origin = first
        // A time that is not finite or centuries away must not trap.
        return Int(min(max(((time - first) / stepSeconds).rounded(), 0), 0x1p52))
    }

    mutating func set(_ value: Double, _ slot: Int) {
        values[slot % values.count] = value
        numbers[slot % values.count] = slot
    }

    /// The value so many seconds before a slot; NaN where there is none.
    func value(secondsAgo: Double, _ slot: Int) -> Double {
        let wanted = slot - Int((secondsAgo / stepSeconds).rounded())
        guard wanted >= 0, numbers[wanted % values.count] == wanted else { return .nan }
        return values[wanted % values.count]
    }
}
