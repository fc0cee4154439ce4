/// The clock hours within a span of time in which something happened, each once.
struct ActiveHours: Sendable {
    /// A span of more hours than this is cut: seven years.
    private static let hourCountMax = 0x1_0000

    private let firstHour: Int
    private var words: [UInt64]

    /// No hour from one time to another.
    init(from start: Double, through end: Double) {
        firstHour = Self.hour(of: start) ?? 0
        let count = (Self.hour(of: end) ?? firstHour) - firstHour + 1
        words = [UInt64](repeating: 0, count: (min(max(count, 1), Self.hourCountMax) + 63) / 64)
    }

    /// The number of the clock hour since 1970 that a time lies in; nil for times without a number.
    static func hour(of time: Double) -> Int? {
        let hour = (time / 3600).rounded(.down)
        return abs(hour) < 0x1p31 ? Int(hour) : nil
    }

    /// The hours of these times in their order, runs of equals once.
    static func hours(of times: [Double]) -> [Int32] {
        var hours: [Int32] = []
        for time in times {
            guard let hour = hour(of: time).map(Int32.init(truncatingIfNeeded:)) else { continue }
            if hours.last != hour { hours.append(hour) }
        }
        return hours
    }

    mutating func insert(_ time: Double) {
        if let hour = Self.hour(of: time) { insert(hour: hour) }
    }

    mutating func insert(hour: Int) {
        let place = hour - firstHour
        guard place >= 0, place < words.count * 64 else { return }
        words[place / 64] |= 1 << UInt64(place % 64)
    }

    /// Each of them, ascending.
    func forEach(_ body: (Int) -> Void) {
        for (place, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(firstHour + place * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
