import Foundation

/// How lively an entity was before a silence, and how surprising the silence is.
struct Rhythm: Sendable, Equatable {
    /// Days from its first activity to the last before the silence.
    var livedDays = Double.nan
    /// Days with activity in that time, the first left out.
    var activeDayCount = 0
    /// -ln of the probability that a silence of this length follows, if its active days were spread
    /// evenly over its whole life: n ln(1 + s / T) with n active days in T days and s of silence.
    var surprise = Double.nan

    /// Days between its active days; NaN where there were not two.
    var daysBetween: Double { activeDayCount > 0 ? livedDays / Double(activeDayCount) : .nan }

    init() {}

    /// The rhythm over `livedDays`, and the surprise of `silentDays` after them.
    init(livedDays: Double, activeDayCount: Int, silentDays: Double) {
        self.livedDays = livedDays
        self.activeDayCount = activeDayCount
        surprise =
            activeDayCount > 0 && livedDays > 0
            ? Double(activeDayCount) * log1p(silentDays / livedDays) : 0
    }

    /// The rhythms before each silence of at least a day; the times ascend.
    static func beforeSilences(in times: [Double]) -> [(silentDays: Double, rhythm: Rhythm)] {
        guard let first = times.first else { return [] }
        var found: [(silentDays: Double, rhythm: Rhythm)] = []
        var activeDayCount = 0
        var dayStart = first
        for (earlier, later) in zip(times, times.dropFirst()) {
            let silentDays = (later - earlier) / AnomalyDetector.secondsPerDay
            if silentDays >= 1 {
                let rhythm = Rhythm(
                    livedDays: (earlier - first) / AnomalyDetector.secondsPerDay,
                    activeDayCount: activeDayCount, silentDays: silentDays)
                found.append((silentDays, rhythm))
            }
            if later - dayStart >= AnomalyDetector.secondsPerDay {
                activeDayCount += 1
                dayStart = later
            }
        }
        return found
    }
}
