import GraphEngine

/// What happened around one entity shortly before a time.
struct EntityActivity: Sendable {
    /// Relationships first observed within the burst window.
    var burstCount = 0
    /// The newest rows of that window, newest first; only the first few.
    var newestRows: [EdgeIndex] = []
    /// Days without activity before that of the last day; NaN where nothing woke.
    var dormancyDays = Double.nan
    /// When the first activity of the last day was; NaN without one.
    var wokeAt = Double.nan
    /// How lively it was before a silence that counts as dormancy.
    var rhythm = Rhythm()
    /// What came since it woke from such a silence.
    var newRowCount = 0
    var updateCount = 0
}

extension AnomalyDetector {
    /// The bursts, silences and newest relationships of an entity as of a time.
    ///
    /// Activity is an update, a relationship, and being first or last seen. The creation of the
    /// row counts only where nothing earlier is known: a row may be younger than what it tells.
    /// - Complexity: O(relationships of the entity)
    func activity(of node: NodeIndex, _ state: EntityState, asOf: Double) -> EntityActivity {
        var activity = EntityActivity()
        var newest: [(time: Double, key: EdgeKey, row: EdgeIndex)] = []
        var silence = Silence(asOf: asOf)
        let windowStart = asOf - settings.burstWindowSeconds
        graph.withIncidentEdges(of: node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                let time = edge.attributes.time
                guard edge.attributes.isActive, time <= asOf else { continue }
                silence.note(time)
                guard time > windowStart else { continue }
                activity.burstCount += 1
                newest.append((time, edge.key, row))
            }
        }
        newest.sort { ($0.time, $0.key) > ($1.time, $1.key) }
        activity.newestRows = newest.prefix(
            max(settings.tieEdgesMax, Self.inheritedRelationshipsMax)
        ).map(\.row)

        let updates = state.updates
        let before = updates.countThrough(asOf)
        let beforeToday = updates.countThrough(asOf - Self.secondsPerDay)
        if before > 0 { silence.note(updates.times[0]) }
        if beforeToday > 0 { silence.note(updates.times[beforeToday - 1]) }
        if beforeToday < before { silence.note(updates.times[beforeToday]) }
        silence.note(state.record.firstSeen)
        silence.note(state.record.lastSeen)
        silence.noteIfEarliest(state.record.createdAt)
        activity.dormancyDays = silence.days
        activity.wokeAt = silence.firstToday
        if silence.days >= settings.dormancyDays {
            let times = activityTimes(of: node, state, asOf: asOf)
            let wokeAt = silence.firstToday
            let last = Rhythm.beforeSilences(in: times.filter { $0 <= wokeAt }).last
            if let last { activity.rhythm = last.rhythm }
            activity.newRowCount = relationshipTimes(of: node, asOf: asOf).count { $0 >= wokeAt }
            activity.updateCount = before - beforeToday
        }
        return activity
    }

    /// All known times of activity of an entity up to a time, ascending.
    func activityTimes(of node: NodeIndex, _ state: EntityState, asOf: Double) -> [Double] {
        var times = relationshipTimes(of: node, asOf: asOf)
        times += state.updates.times.prefix(state.updates.countThrough(asOf))
        times += [state.record.firstSeen, state.record.lastSeen].filter { $0 <= asOf }
        times.sort()
        let created = state.record.createdAt
        if created <= asOf, created < times.first ?? .infinity { times.insert(created, at: 0) }
        return times
    }

    /// When the active relationships of an entity were first observed, ascending.
    func relationshipTimes(of node: NodeIndex, asOf: Double) -> [Double] {
        var times: [Double] = []
        graph.withIncidentEdges(of: node) { rows in
            for row in rows {
                let attributes = graph.edge(at: row).attributes
                if attributes.isActive, attributes.time <= asOf { times.append(attributes.time) }
            }
        }
        times.sort()
        return times
    }

    /// The most times within any window of this length; the times ascend.
    static func largestBurst(in times: [Double], windowSeconds: Double) -> Int {
        var largest = 0
        var start = 0
        for end in times.indices {
            while times[start] <= times[end] - windowSeconds { start += 1 }
            largest = max(largest, end - start + 1)
        }
        return largest
    }
}

/// Finds the silence that ended within the last day from times in any order.
private struct Silence {
    private let asOf: Double
    private var earliest = Double.infinity
    private var lastBefore = -Double.infinity
    private(set) var firstToday = Double.nan

    init(asOf: Double) { self.asOf = asOf }

    mutating func note(_ time: Double) {
        guard time <= asOf else { return }
        earliest = min(earliest, time)
        if time > asOf - AnomalyDetector.secondsPerDay {
            firstToday = .minimum(firstToday, time)
        } else {
            lastBefore = max(lastBefore, time)
        }
    }

    mutating func noteIfEarliest(_ time: Double) {
        if time < earliest { note(time) }
    }

    /// NaN where nothing happened today, nothing before, or less than a day passed between.
    var days: Double {
        guard lastBefore > -.infinity, !firstToday.isNaN else { return .nan }
        let days = (firstToday - lastBefore) / AnomalyDetector.secondsPerDay
        return days >= 1 ? days : .nan
    }
}
