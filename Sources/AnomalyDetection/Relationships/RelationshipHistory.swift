/// The newest observations of one relationship, by time, and how many there ever were.
///
/// Any order of the same observations gives the same history.
struct RelationshipHistory: Sendable, Equatable {
    /// Enough for two months of daily updates; 1.5 kB for the few that have them.
    static let capacity = 64

    /// One observation: when, and the confidence before and after it.
    struct Observation: Sendable, Equatable {
        var time: Double
        var before, after: Float

        /// Equal times are told apart by what was observed, NaN first.
        fileprivate static func isInOrder(_ first: Self, _ second: Self) -> Bool {
            if first.time != second.time { return first.time < second.time }
            if !isSame(first.after, second.after) {
                return first.after.isNaN || first.after < second.after
            }
            return first.before.isNaN || first.before < second.before
        }

        private static func isSame(_ first: Float, _ second: Float) -> Bool {
            first == second || (first.isNaN && second.isNaN)
        }

        static func == (first: Self, second: Self) -> Bool {
            first.time == second.time && isSame(first.before, second.before)
                && isSame(first.after, second.after)
        }
    }

    private(set) var observations: [Observation] = []
    private(set) var totalCount = 0

    /// Adds an observation, wherever it belongs; one without a time stays out.
    mutating func insert(_ record: ObservationRecord) {
        guard !record.observedAt.isNaN else { return }
        totalCount += 1
        let observation = Observation(
            time: record.observedAt, before: Float(record.confidenceBefore),
            after: Float(record.confidence))
        let place =
            observations.lastIndex { !Observation.isInOrder(observation, $0) }.map { $0 + 1 } ?? 0
        observations.insert(observation, at: place)
        if observations.count > Self.capacity { observations.removeFirst() }
    }

    /// How many observations there were at or before a time, dropped ones included.
    func count(through time: Double) -> Int {
        totalCount - observations.count + kept(through: time).count
    }

    /// The confidences it had up to a time: that before the oldest kept observation, and those after
    /// each; unknown ones are left out.
    func confidences(through time: Double) -> [Double] {
        let kept = kept(through: time)
        guard let first = kept.first else { return [] }
        return ([first.before] + kept.map(\.after)).filter { !$0.isNaN }.map(Double.init)
    }

    /// How far the confidence went back and forth of late, as ``RecentValues`` has it for entities.
    func confidenceSwing(through time: Double) -> Double {
        let start = time - RecentValues.ageDaysMax * AnomalyDetector.secondsPerDay
        return RecentValues.swing(
            kept(through: time).filter { $0.time > start }.suffix(RecentValues.capacity)
                .map(\.after))
    }

    private func kept(through time: Double) -> ArraySlice<Observation> {
        observations.prefix { $0.time <= time }
    }
}
