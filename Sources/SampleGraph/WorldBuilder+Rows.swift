import AnomalyModels

/// What is particular about one new entity; the rest follows from its type.
struct EntityDraft {
    var type: String
    var name: String?
    var value: String
    var sector: Sector?
    var region: Region?
    var tags: [String] = []
    var metadata: [(key: String, value: JSONValue)] = []
    /// When the row came into the database; `nil` draws it.
    var createdAt: Double?
    /// Known since before the history begins, updated often, never silent: the large services.
    var isPillar = false
    /// Reported by few and doubted: the underground.
    var isShady = false
    /// An account that lived and then fell silent for good, half a year ago or so.
    var isDormant = false
}

extension WorldBuilder {
    /// Adds an entity and returns its reference.
    @discardableResult
    mutating func add(_ draft: EntityDraft) -> Int {
        let traits = TypeTraits.of(draft.type)
        let created = draft.createdAt ?? drawCreation(draft)
        let rhythm = makeRhythm(draft, traits, created: created)
        let isOld = draft.createdAt == nil && created < options.start + 10 * 86_400
        // Old acquaintances were known for years; news takes hours to be collected, or minutes.
        let meanAgeDays = isOld ? 480 : draft.createdAt == nil ? 0.3 : 0.015
        let ageDays = min(random.exponential(mean: meanAgeDays), 9 * 365)
        let firstSeen = created - ageDays * 86_400
        let reference = entities.count + 1
        entities.append(
            SampleEntity(
                reference: reference,
                type: draft.type,
                name: random.chance(traits.nameMissing) ? nil : draft.name,
                value: draft.value,
                confidence: drawConfidence(draft, traits),
                riskScore: drawRisk(draft, traits),
                sources: drawSources(traits.sources, few: draft.isShady),
                tags: drawTags(draft),
                metadata: drawMetadata(draft),
                description: drawDescription(draft),
                isVerified: !draft.isShady && random.chance(traits.verified),
                isActive: draft.isPillar || !random.chance(0.006),
                firstSeen: firstSeen.rounded(.down),
                lastSeen: created.rounded(.down),
                createdAt: created.rounded(.down),
                updatedAt: created.rounded(.down),
                sector: draft.sector))
        rhythms.append(rhythm)
        return reference
    }

    /// Adds a relationship, unless the two never were alive at the same time.
    ///
    /// - Parameters:
    ///   - source: The reference of the entity that it leaves.
    ///   - target: The reference of the entity that it reaches.
    ///   - type: The relationship type.
    ///   - weight: An amount or a strength.
    ///   - prompt: Whether it comes with the younger of the two rather than at any later time.
    /// - Returns: Whether it was added.
    @discardableResult
    mutating func link(
        _ source: Int, _ target: Int, _ type: String, weight: Double? = nil, prompt: Bool = false
    ) -> Bool {
        guard source != target else { return false }
        let lower = max(entities[source - 1].createdAt, entities[target - 1].createdAt)
        let upper = min(
            options.now, rhythms[source - 1].silentFrom ?? options.now,
            rhythms[target - 1].silentFrom ?? options.now)
        guard lower < upper else { return false }
        let created: Double
        let delay = random.exponential(mean: prompt ? 240 : 86_400)
        if (prompt || random.chance(0.7)) && lower + delay < upper {
            created = lower + delay
        } else {
            created = rhythms[source - 1].calendar.moment(from: lower, to: upper, &random)
        }
        addRelationship(source, target, type, weight: weight, created: created, prompt: prompt)
        return true
    }

    /// Adds a relationship that came in at a time, with all else as the type has it.
    mutating func addRelationship(
        _ source: Int, _ target: Int, _ type: String, weight: Double? = nil, created: Double,
        prompt: Bool = false
    ) {
        let (first, second) = (entities[source - 1], entities[target - 1])
        let known = max(first.firstSeen, second.firstSeen)
        let wasThere = created < options.start + 12 * 86_400
        // What is measured is known at once; what is collected takes hours.
        let isMeasured = prompt || Self.measuredTypes.contains(type)
        let firstObserved =
            wasThere
            ? random.number(known...max(known, created))
            : max(known, created - random.exponential(mean: isMeasured ? 60 : 6 * 3600))
        let isShady = first.sector == .underground || second.sector == .underground
        relationships.append(
            SampleRelationship(
                reference: relationships.count + 1,
                source: source,
                target: target,
                type: type,
                confidence: random.chance(0.05)
                    ? nil : probability(0.77 - (isShady ? 0.17 : 0), 0.13),
                weight: weight,
                sources: drawSources(
                    TypeTraits.of(random.chance(0.5) ? first.type : second.type).sources,
                    few: true),
                evidence: drawEvidence(),
                isVerified: random.chance(isShady ? 0.08 : 0.25),
                firstObserved: firstObserved.rounded(.down),
                lastObserved: created.rounded(.down),
                createdAt: created.rounded(.down),
                updatedAt: created.rounded(.down)))
    }

    /// Types whose rows are written by machines as things happen.
    private static let measuredTypes: Set<String> = ["communicates_with", "connected_to", "pays"]

    /// Two in three have none, the others one to four pieces.
    private mutating func drawEvidence() -> [SampleEvidence] {
        guard random.chance(0.34) else { return [] }
        return (0..<random.heavyTailed(exponent: 1.8, max: 4)).map { _ in
            random.pick([.record, .record, .capture, .document, .screenshot, .statement])
        }
    }

    /// A number from 0 to 1 with three digits, normal around the mean.
    mutating func probability(_ mean: Double, _ spread: Double) -> Double {
        SampleGraph.rounded(min(0.99, max(0.02, mean + spread * random.bell())))
    }

    private mutating func drawCreation(_ draft: EntityDraft) -> Double {
        let calendar = WorkCalendar(secondsFromUTC: draft.region?.secondsFromUTC ?? 0)
        let day = 86_400.0
        if draft.isPillar || draft.isDormant || random.chance(0.55) {
            // What was known when the database was set up came in within a few days, in batches.
            let batch = Double(random.integer(0...4)) * day + 9 * 3600
            return options.start + batch + random.exponential(mean: 1200)
        }
        // Growth: later months bring more than earlier ones.
        let span = options.now - options.start - 6 * day
        let lower = options.start + 5 * day + span * random.uniform().squareRoot() * 0.97
        let upper = min(lower + 7 * day, options.now - 3600)
        return calendar.moment(from: lower, to: max(lower, upper), &random)
    }

    private mutating func makeRhythm(
        _ draft: EntityDraft, _ traits: TypeTraits, created: Double
    ) -> Rhythm {
        let isScheduled =
            draft.isPillar && traits.scheduled > 0 || random.chance(traits.scheduled)
        let isMachine = isScheduled || draft.type == "device" && random.chance(0.5)
        var rhythm = Rhythm(
            gapDays: max(0.7, random.logNormal(median: traits.updateGapDays, spread: 0.9)),
            isScheduled: isScheduled,
            calendar: WorkCalendar(
                secondsFromUTC: isMachine ? nil : draft.region?.secondsFromUTC ?? 0))
        if !isMachine, draft.sector != nil, random.chance(TypeTraits.nightShare(of: draft.type)),
            let secondsFromUTC = rhythm.calendar.secondsFromUTC
        {
            // Night workers: their days are the others' nights, all their life.
            rhythm.calendar = WorkCalendar(secondsFromUTC: secondsFromUTC + 12 * 3600)
        }
        if isScheduled { rhythm.gapDays = random.pick([1, 1, 2, 7, 7, 14]) }
        if draft.isPillar { return rhythm }
        let day = 86_400.0
        if draft.isDormant {
            rhythm.gapDays = random.number(1.0...2.5)
            rhythm.isScheduled = false
            let daysMax = max(156, Double(options.monthsOfHistory) * 30 - 50)
            rhythm.silentFrom = options.now - random.number(154...daysMax) * day
        } else if random.chance(0.09), created < options.now - 40 * day {
            // It lives for a while first, long enough to have met others.
            let start = max(created, options.start + 12 * day) + 6 * day
            let silentFrom = random.number(start...(options.now - 30 * day))
            rhythm.silentFrom = silentFrom
            // Some honest ones come back: a pause alone is no crime.
            if random.chance(0.15) {
                rhythm.silentUntil = random.number(silentFrom...options.now)
            }
        }
        return rhythm
    }

    private mutating func drawConfidence(_ draft: EntityDraft, _ traits: TypeTraits) -> Double? {
        if random.chance(0.04) { return nil }
        let doubt = draft.isShady ? 0.22 : 0
        return probability(traits.confidence.mean - doubt, traits.confidence.spread)
    }

    private mutating func drawRisk(_ draft: EntityDraft, _ traits: TypeTraits) -> Double? {
        if random.chance(traits.riskMissing) { return nil }
        if draft.isShady { return probability(max(0.62, traits.risk.mean), 0.14) }
        return probability(traits.risk.mean, traits.risk.spread)
    }

    private mutating func drawSources(_ pool: [String], few: Bool) -> [String] {
        if random.chance(0.05) { return [] }
        let count = min(pool.count, random.heavyTailed(exponent: few ? 2.2 : 1.3, max: 5))
        return random.sample(count, below: pool.count).sorted().map { pool[$0] }
    }

    private mutating func drawDescription(_ draft: EntityDraft) -> String? {
        guard random.chance(0.22) else { return nil }
        let place = draft.region.map { " in " + $0.rawValue } ?? ""
        let kind = draft.type.map { $0 == "_" ? " " : $0 }
        return random.pick(["Reported", "Seen", "Listed", "Mentioned"]) + " as a " + String(kind)
            + (draft.sector.map { " of " + $0.rawValue } ?? "") + place + "."
    }

    private mutating func drawTags(_ draft: EntityDraft) -> [String] {
        var tags = draft.tags
        if let sector = draft.sector, random.chance(0.88) {
            // One tag in fifty is plainly wrong, as people's tags are.
            tags.append(random.chance(0.02) ? drawSector().rawValue : sector.rawValue)
            if random.chance(0.35) { tags.append(random.pick(sector.tags)) }
        }
        if let region = draft.region, random.chance(0.3) {
            tags.append(region.rawValue.lowercased())
        }
        var seen: Set<String> = []
        return tags.filter { seen.insert($0).inserted }
    }

    private mutating func drawMetadata(_ draft: EntityDraft) -> String {
        // Some rows come with everything that is known, some with nothing at all.
        let drawn = random.uniform().squareRoot()
        // What comes from a register is complete but for a field here and there.
        let richness = TypeTraits.registered.contains(draft.type) ? 0.88 + 0.12 * drawn : drawn
        return JSONValue.object(draft.metadata.filter { _ in random.chance(richness) })
    }
}

extension SampleGraph {
    /// Three digits are what a source would state, and few enough for a `real` column.
    static func rounded(_ value: Double) -> Double {
        (value * 1000).rounded() / 1000
    }
}
