/// What is particular about the history of one row.
struct HistoryPlan {
    /// Updates beside those of its rhythm, in any order.
    var extraTimes: [Double] = []
    /// Updates of its rhythm from this time on are left out.
    var silentFrom = Double.infinity
    /// How far its values swing to and fro; `nil` for the ordinary drift.
    var swing: Double?
    /// How many of its last updates swing.
    var swingCount = 0
    /// Whether no correction may move its values far.
    var isSteady = false
}

/// The plans of a world's rows by reference; most have none.
struct HistoryPlans {
    var entities: [Int: HistoryPlan] = [:]
    var relationships: [Int: HistoryPlan] = [:]
}

extension HistoryPlan? {
    /// The moments of the rhythm and of the plan together, in order.
    func times(with moments: [Double]) -> [Double] {
        guard let plan = self else { return moments }
        let kept = moments.filter { $0 < plan.silentFrom }
        return (kept + plan.extraTimes.map { $0.rounded(.down) }).sorted()
    }

    /// How far an update swings its value; `nil` where it does not.
    func swing(at position: Int, of count: Int) -> Double? {
        guard let plan = self, let swing = plan.swing, position >= count - plan.swingCount
        else { return nil }
        return (count - position) % 2 == 0 ? -swing : swing
    }
}
