import AnomalyModels

/// Writes what happened to every row since it was created, and leaves the rows as they end.
struct HistoryWriter {
    private let options: SampleGraph.Options
    private let plans: HistoryPlans
    private var random: SeededRandom
    private(set) var observations: [SampleObservation] = []

    /// The most updates that one row has, so that a large world stays loadable.
    private static let updateCountMax = 300

    init(_ options: SampleGraph.Options, plans: HistoryPlans) {
        self.options = options
        self.plans = plans
        random = SeededRandom(seed: options.seed, stream: 2)
    }

    mutating func write(_ builder: inout WorldBuilder) {
        for position in builder.entities.indices {
            writeEntity(&builder.entities[position], builder.rhythms[position])
        }
        for position in builder.relationships.indices {
            let relationship = builder.relationships[position]
            let rhythm = builder.rhythms[relationship.source - 1]
            writeRelationship(&builder.relationships[position], rhythm)
        }
        // Ties keep the order of writing, so that one row's changes stay a chain.
        let order = observations.indices.sorted { first, second in
            let (earlier, later) = (observations[first].observedAt, observations[second].observedAt)
            return earlier == later ? first < second : earlier < later
        }
        observations = order.map { observations[$0] }
    }

    private mutating func writeEntity(_ entity: inout SampleEntity, _ rhythm: Rhythm) {
        let anchors = (confidence: entity.confidence, risk: entity.riskScore)
        let plan = plans.entities[entity.reference]
        let moments = plan.times(with: updateTimes(from: entity.createdAt, rhythm))
        for (position, moment) in moments.enumerated() {
            var observation = SampleObservation(
                subject: .entity(entity.reference), observedAt: moment,
                confidenceBefore: entity.confidence, riskScoreBefore: entity.riskScore)
            let swing = plan.swing(at: position, of: moments.count)
            entity.confidence = drift(
                entity.confidence, to: anchors.confidence, appears: 0.05, plan, swing)
            entity.riskScore = drift(
                entity.riskScore, to: anchors.risk, appears: 0.01, plan, swing.map { -$0 })
            observation.confidence = entity.confidence
            observation.riskScore = entity.riskScore
            observations.append(observation)
            entity.updatedAt = moment
            // A few updates are desk work; the others say that the thing was seen, just before.
            if random.chance(0.85) {
                let seen = moment - random.exponential(mean: 1800)
                entity.lastSeen = max(entity.lastSeen, seen.rounded(.down))
            }
        }
    }

    private mutating func writeRelationship(
        _ relationship: inout SampleRelationship, _ rhythm: Rhythm
    ) {
        let isFact = relationship.type == "pays" || relationship.type == "rates"
        let plan = plans.relationships[relationship.reference]
        // A payment is corrected now and then and never grows; traffic does.
        let share = isFact ? 0.04 : relationship.weight == nil ? 0.10 : 0.35
        let isUpdated = random.chance(share)
        guard isUpdated || plan != nil else { return }
        var own = rhythm
        own.isScheduled = false
        own.gapDays = random.logNormal(median: 30, spread: 0.8)
        let anchor = relationship.confidence
        let drawn = isUpdated ? updateTimes(from: relationship.createdAt, own) : []
        let moments = plan.times(with: isFact ? Array(drawn.prefix(1)) : drawn)
        for (position, moment) in moments.enumerated() {
            var observation = SampleObservation(
                subject: .relationship(relationship.reference), observedAt: moment,
                confidenceBefore: relationship.confidence, weightBefore: relationship.weight)
            relationship.confidence = drift(
                relationship.confidence, to: anchor, appears: 0.05, plan,
                plan.swing(at: position, of: moments.count))
            if let weight = relationship.weight, !isFact {
                let growth = random.logNormal(median: weight * 0.1, spread: 1)
                relationship.weight = SampleGraph.rounded(weight + growth)
            }
            observation.confidence = relationship.confidence
            observation.weight = relationship.weight
            observations.append(observation)
            relationship.updatedAt = moment
            relationship.lastObserved = max(
                relationship.lastObserved, (moment - random.exponential(mean: 900)).rounded(.down))
        }
    }

    /// The moments of the updates after `created`, in order: by schedule, or by chance with the
    /// calendar's days and nights, with a spike now and then and without the silence.
    private mutating func updateTimes(from created: Double, _ rhythm: Rhythm) -> [Double] {
        var times: [Double] = []
        var moment = created
        let gap = rhythm.gapDays * 86_400
        let busiest = rhythm.calendar.secondsFromUTC == nil ? 1 : WorkCalendar.meanIntensity
        while times.count < Self.updateCountMax {
            if rhythm.isScheduled {
                moment += max(60, gap + random.bell() * 120)
            } else {
                // Thinning: candidates at the busiest hour's rate, kept as the hour allows.
                moment += max(1, random.exponential(mean: gap * busiest))
                guard moment < options.now else { break }
                guard random.chance(rhythm.calendar.intensity(at: moment)) else { continue }
            }
            guard moment < options.now else { break }
            if let silentFrom = rhythm.silentFrom, moment >= silentFrom {
                guard let silentUntil = rhythm.silentUntil else { break }
                if moment < silentUntil {
                    moment = silentUntil
                    continue
                }
            }
            times.append(moment.rounded(.down))
            if !rhythm.isScheduled, random.chance(0.012) { times += spike(after: moment, rhythm) }
            moment = max(moment, times.last ?? moment)
        }
        return times
    }

    /// A product launch, a press report, an analyst's afternoon: several updates in hours.
    private mutating func spike(after moment: Double, _ rhythm: Rhythm) -> [Double] {
        var limit = options.now
        if let silentFrom = rhythm.silentFrom, moment < silentFrom { limit = silentFrom }
        var times: [Double] = []
        var next = moment
        for _ in 0..<random.integer(3...8) {
            next += max(60, random.exponential(mean: 2400))
            guard next < limit else { break }
            times.append(next.rounded(.down))
        }
        return times
    }

    /// The value after an update: mostly the same, sometimes a little else, rarely corrected.
    ///
    /// Small steps lean back to the `anchor`, so that daily updates do not wear a value out, and a
    /// correction is one of the anchor: corrections of corrections would end at 0 or 1.
    private mutating func drift(
        _ value: Double?, to anchor: Double?, appears: Double, _ plan: HistoryPlan?,
        _ swing: Double?
    ) -> Double? {
        guard let value else {
            return random.chance(appears) ? SampleGraph.rounded(random.number(0.3...0.7)) : nil
        }
        let isSteady = plan?.isSteady == true
        let step: Double
        switch random.uniform() {
        case ..<0.72: step = 0
        case ..<0.97:
            step = 0.15 * ((anchor ?? value) - value) + (isSteady ? 0.008 : 0.03) * random.bell()
        default:
            // Where a value is the point, it is not corrected away.
            let jump = random.number(0.15...0.4) * (random.chance(0.5) ? 1 : -1)
            step = isSteady ? 0 : (anchor ?? value) + jump - value
        }
        // A contradiction swings around the middle of the scale, where both sides have room.
        let moved = swing.map { 0.5 + 0.25 * ((anchor ?? value) - 0.5) + $0 + step } ?? value + step
        return SampleGraph.rounded(min(0.99, max(0.02, moved)))
    }
}
