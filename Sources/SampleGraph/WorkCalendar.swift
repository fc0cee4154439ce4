import AnomalyModels

/// When things happen: much on working days, little at night and on weekends.
struct WorkCalendar {
    /// Seconds that the clocks of the place are ahead of UTC; `nil` for machines, which never rest.
    var secondsFromUTC: Double?

    /// The share of activity in each hour of a local day, the busiest being 1.
    private static let hours: [Double] = [
        0.10, 0.07, 0.05, 0.04, 0.05, 0.08, 0.18, 0.40, 0.75, 0.95, 1.00, 1.00,
        0.85, 0.90, 1.00, 0.95, 0.90, 0.75, 0.50, 0.40, 0.35, 0.30, 0.22, 0.15,
    ]
    /// The share of activity on each weekday, from Sunday.
    private static let weekdays: [Double] = [0.28, 1.00, 1.00, 0.98, 1.00, 0.90, 0.35]

    /// The mean of `intensity` over a week, for keeping a rate while activity moves within it.
    static let meanIntensity =
        (hours.reduce(0, +) / 24) * (weekdays.reduce(0, +) / 7)

    /// How busy a moment is, from 0 to 1.
    func intensity(at time: Double) -> Double {
        guard let secondsFromUTC else { return 1 }
        let local = time + secondsFromUTC
        let day = (local / 86_400).rounded(.down)
        let hour = Int((local - day * 86_400) / 3600)
        // 1970-01-01 was a Thursday, the fifth day of a week from Sunday.
        let weekday = ((Int(day) + 4) % 7 + 7) % 7
        return Self.hours[min(hour, 23)] * Self.weekdays[weekday]
    }

    /// A moment within a span of time, likelier where it is busy.
    func moment(from lower: Double, to upper: Double, _ random: inout SeededRandom) -> Double {
        var time = lower
        // A span that lies in one night accepts rarely; 40 trials keep the cost bounded.
        for _ in 0..<40 {
            time = lower + random.uniform() * (upper - lower)
            if random.uniform() < intensity(at: time) { break }
        }
        return time
    }
}
